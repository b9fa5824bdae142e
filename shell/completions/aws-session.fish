# Completion of aws-session(1) for fish.
#
# Found by fish by its name. Behind "exec" the command's own completion goes
# on. tests/test_completions.py holds it against the option table.

# The place of the next word of the command line, from a place on, that is no
# option and no value of one; fails if there is none before the cursor. Behind
# "--" it is the next one, whatever it is.
function __aws_session_next --argument-names place
    set -l words (commandline -opc)
    while test $place -le (count $words)
        switch $words[$place]
            case --
                echo (math $place + 1)
                return
            case --profile --code --session-duration --region --mfa-serial \
                --min-remaining --format --shell --user
                set place (math $place + 2)
            case '-*'
                set place (math $place + 1)
            case '*'
                echo $place
                return
        end
    end
    return 1
end

# The place at which the command that exec runs begins.
function __aws_session_wrapped
    set -l words (commandline -opc)
    set -l place (__aws_session_next 2)
    and test "$words[$place]" = exec
    and __aws_session_next (math $place + 1)
end

# Whether the command is one of those named, or none yet.
function __aws_session_in
    not __aws_session_wrapped >/dev/null
    or return
    set -l words (commandline -opc)
    set -l place (__aws_session_next 2)
    or return 0
    contains -- "$words[$place]" $argv
end

# Whether there is a command, and it is one of those named.
function __aws_session_has
    __aws_session_next 2 >/dev/null
    and __aws_session_in $argv
end

# Whether there is one, and nothing behind it yet.
function __aws_session_begins
    __aws_session_has $argv
    and not __aws_session_next (math (__aws_session_next 2) + 1) >/dev/null
end

function __aws_session_profiles
    set -l words (commandline -opc)
    $words[1] list --profiles 2>/dev/null
end

# What the command that exec runs completes by itself. Without a word of it
# yet: what can be run.
function __aws_session_complete_wrapped
    set -l words (commandline -opc)
    set -l place (__aws_session_wrapped)
    or set place (math (count $words) + 1)
    set -l line (string escape -- $words[$place..-1]) (commandline -ct)
    set line (string join -- ' ' $line)
    complete --do-complete="$line"
end

complete -c aws-session -f
complete -c aws-session -n 'not __aws_session_next 2' -a shell -d 'open your shell with temporary credentials (the default)'
complete -c aws-session -n 'not __aws_session_next 2' -a exec -d 'run a command with temporary credentials'
complete -c aws-session -n 'not __aws_session_next 2' -a refresh -d 'print shell code that renews the session of a shell'
complete -c aws-session -n 'not __aws_session_next 2' -a export -d 'print temporary credentials, for other programs'
complete -c aws-session -n 'not __aws_session_next 2' -a configure -d 'let the AWS CLI and SDKs take a profile\'s credentials from here'
complete -c aws-session -n 'not __aws_session_next 2' -a provision-mfa -d 'make and enable a virtual MFA device'
complete -c aws-session -n 'not __aws_session_next 2' -a add -d 'give a long-lived access key to the signer to keep'
complete -c aws-session -n 'not __aws_session_next 2' -a import -d 'move access keys from the AWS files into the keyring'
complete -c aws-session -n 'not __aws_session_next 2' -a rotate -d 'replace the stored key of a profile by a new one'
complete -c aws-session -n 'not __aws_session_next 2' -a remove -d 'remove the stored key of a profile'
complete -c aws-session -n 'not __aws_session_next 2' -a list -d 'show access keys, who can read them, and sessions'
complete -c aws-session -n 'not __aws_session_next 2' -a status -d 'show who you are, for how long, and how keys are protected'
complete -c aws-session -n 'not __aws_session_next 2' -a doctor -d 'look for what is wrong here, and say what to do about it'
complete -c aws-session -n 'not __aws_session_next 2' -a clear -d 'end the sessions of all profiles, or of --profile'

complete -c aws-session -n '__aws_session_has exec; and not string match -q -- "-*" (commandline -ct)' -x -a '(__aws_session_complete_wrapped)'
complete -c aws-session -n __aws_session_wrapped -x -a '(__aws_session_complete_wrapped)'
complete -c aws-session -n '__aws_session_begins add rotate remove configure' -x -a '(__aws_session_profiles)'
complete -c aws-session -n '__aws_session_has import' -x -a '(__aws_session_profiles)'

complete -c aws-session -n 'not __aws_session_wrapped' -l profile -x -a '(__aws_session_profiles)' -d 'profile of the AWS config and credentials files; AWS_PROFILE counts before the variable'
complete -c aws-session -n '__aws_session_in shell exec refresh export rotate' -l code -x -d 'MFA code of six digits, instead of being asked; - reads it from standard input'
complete -c aws-session -n '__aws_session_in shell exec refresh export status rotate' -l session-duration -x -d 'life of a new session: 3600, 90m, 12h'
complete -c aws-session -n 'not __aws_session_wrapped' -l region -x -d 'AWS region, for STS and for the command'
complete -c aws-session -n '__aws_session_in shell exec refresh export status rotate' -l mfa-serial -x -d 'MFA device: the ARN or the serial number'
complete -c aws-session -n '__aws_session_in shell exec refresh export' -l min-remaining -x -d 'get a new session if less is left of the kept one'
complete -c aws-session -n 'not __aws_session_wrapped' -l no-prompt -d 'never ask: exit status 123 instead; the variable is 1'
complete -c aws-session -n '__aws_session_in exec refresh export' -l cached -d 'only a session that is kept: nobody is asked, nothing is sent'
complete -c aws-session -n '__aws_session_in clear' -l all -d 'remove the stored keys too, not only sessions'
complete -c aws-session -n '__aws_session_in add' -l env -d 'take the key from the environment'
complete -c aws-session -n '__aws_session_in configure add import remove clear rotate' -l force -d 'replace or remove without asking'
complete -c aws-session -n '__aws_session_in export' -l format -x -a 'process env env-no-export fish json' -d 'process (credential_process, the default), env, env-no-export, fish or json'
complete -c aws-session -n '__aws_session_in list status doctor' -l json -d 'print JSON, for programs'
complete -c aws-session -n '__aws_session_in import' -l keep -d 'leave the keys in the files, too'
complete -c aws-session -n '__aws_session_in list' -l profiles -d 'print the names of all profiles, one per line'
complete -c aws-session -n '__aws_session_in refresh' -l shell -x -a 'bash zsh sh fish' -d 'print code for bash, zsh, sh or fish'
complete -c aws-session -n '__aws_session_in add' -l stdin -d 'take the key from standard input: the key id and the secret, on a line each'
complete -c aws-session -n '__aws_session_in provision-mfa' -l text -d 'print the secret and its otpauth URI too, not only the QR code'
complete -c aws-session -n '__aws_session_in shell exec' -l user -x -a '(__fish_complete_users)' -d 'run as this user, in a PAM session of theirs (for root)'
complete -c aws-session -n 'not __aws_session_wrapped' -l debug -d 'say on standard error what is done and how long it takes; the variable is 1'
complete -c aws-session -n 'not __aws_session_wrapped' -l help -d 'print this and end'
complete -c aws-session -n 'not __aws_session_wrapped' -l version -d 'print the version and end'
