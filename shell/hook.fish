# The life of the AWS session in fish's prompt, and its renewal in place.
#
# Sourced, by --init-command or by one line in config.fish: see
# aws-session(1), IN THE SHELL. Loading it twice is loading it once. No command
# is run for a prompt; builtins in a command substitution do not fork in fish.

status is-interactive; or return 0

# Before fish 3.6 there is no builtin that tells the time.
if builtin path mtime / >/dev/null 2>/dev/null
    function __aws_session_now
        builtin math (builtin path mtime /) + (builtin path mtime -R /)
    end
else
    function __aws_session_now
        set -l line
        while builtin read -a line
            if test "$line[1]" = btime
                set -l uptime
                builtin read -a uptime </proc/uptime
                builtin math "floor($line[2] + $uptime[1])"
                break
            end
        end </proc/stat
    end
end

if not set -q __aws_session_text
    set -g __aws_session_text ''  # what the prompt shows
    set -g __aws_session_key ''   # what that was made of
    set -g __aws_session_left 0   # seconds
end
set -g __aws_session_seen "$AWS_SESSION_CHANGE"
set -g __aws_session_user $EUID
set -q EUID; or set -g __aws_session_user (command id -u)
# Empty where the terminal has no colours.
set -g __aws_session_colours (set_color yellow)

# Seconds that are left, in __aws_session_left; status 1 without a session.
function __aws_session_measure
    builtin string match -qr '^[0-9]{1,12}$' -- "$AWS_SESSION_EXPIRES"
    or return 1
    set -g __aws_session_left \
        (builtin math $AWS_SESSION_EXPIRES - (__aws_session_now))
    return 0
end

# Run "aws-session refresh OPTION ..." and do what it prints, which a trace
# must not show.
function __aws_session_take
    set -l fish_trace
    set -l program "$AWS_SESSION_PROGRAM"
    test -x "$program"; or set program aws-session
    if not command -q $program
        echo 'aws-session: not found' >&2
        return 127
    end
    # A redirection of this function would not reach into the substitution.
    set -l code
    if test "$argv" = --cached
        set code (command $program refresh $argv --shell fish 2>/dev/null)
    else
        set code (command $program refresh $argv --shell fish)
    end
    set -l ended $status
    test $ended -eq 0; or return $ended
    # The removal of a variable that is not set has a status, too.
    builtin string join \n -- $code | builtin source
    return 0
end

# If the sessions have changed since we looked: take the one that is kept.
function __aws_session_look
    set -l mark ''
    set -l user $__aws_session_user
    for directory in /run/user/$user /tmp/aws-session-$user
        if test -d $directory -a -O $directory -a ! -L $directory
            set -l file $directory/aws-session-changes
            if test -f $file -a -r $file
                builtin read mark <$file
            end
            break
        end
    end
    if test "$mark" != "$__aws_session_seen"
        set -g __aws_session_seen $mark
        __aws_session_take --cached 2>/dev/null
    end
    return 0
end

# Whether this terminal gets colours.
function __aws_session_has_colours
    set -l wanted $AWS_SESSION_COLOR $AWS_SESSION_COLORS
    switch "$wanted[1]"
        case 0
            return 1
        case ''
            test -z "$NO_COLOR" -a -n "$__aws_session_colours"
    end
end

# Make __aws_session_text of the format, the profile and the time.
function __aws_session_format --argument-names profile sign time colour
    set -l format '(aws:%p%s%t) '
    if test -z "$profile" -o "$profile" = default
        set format '(aws%s%t) '
    end
    set -q AWS_SESSION_PROMPT; and set format "$AWS_SESSION_PROMPT"
    test "$format" = off; and set format ''
    if test -n "$colour"
        set time \e\[{$colour}m$time\e\[39m
    end
    set profile (builtin string replace -ar '[[:cntrl:]]' '?' -- "$profile")
    set -l text ''
    for part in (builtin string replace -ar '[[:cntrl:]]' '?' -- "$format" \
            | builtin string match -ar '%[pst%]|[^%]+|%')
        switch $part
            case %p
                set text $text$profile
            case %s
                set text $text$sign
            case %t
                set text $text$time
            case %%
                set text $text%
            case '*'
                set text $text$part
        end
    end
    set -g __aws_session_text $text
end

# Make __aws_session_text anew if it would be another one.
function __aws_session_render
    set -l left $__aws_session_left
    set -l sign +
    set -l time exp
    set -l colour ''
    if test $left -ge 6000
        set time (builtin math "floor($left / 3600)")h
    else if test $left -ge 100
        set time (builtin math "floor($left / 60)")m
    else if test $left -gt 0
        set time {$left}s
    else
        set sign '!'
    end
    if test $left -lt 300; and __aws_session_has_colours
        set colour 33
        test $left -lt 60; and set colour 31
    end
    set -l key "$time/$colour/$AWS_SESSION_PROFILE/$AWS_SESSION_PROMPT"
    set -q AWS_SESSION_PROMPT; and set key $key/
    if test "$key" != "$__aws_session_key"
        __aws_session_format "$AWS_SESSION_PROFILE" $sign $time $colour
        set -g __aws_session_key $key
    end
end

# Put our fish_prompt round the one that there is, if that is not ours: themes
# define theirs whenever they like.
function __aws_session_wrap
    set -l code (builtin functions fish_prompt)
    builtin string match -q '*__aws_session_shown*' -- $code; and return
    builtin functions -e __aws_session_users_prompt
    builtin functions -c fish_prompt __aws_session_users_prompt
    # It comes first: it may look at $status and $pipestatus. Ours goes before
    # its first line that is not empty.
    function fish_prompt
        set -l lines (__aws_session_users_prompt $argv)
        set -g __aws_session_shown
        set -l i 1
        while test $i -lt (builtin count $lines) -a -z "$lines[$i]"
            set i (builtin math $i + 1)
        end
        set lines[$i] "$__aws_session_text$lines[$i]"
        builtin string join \n -- $lines
    end
end

# Before each prompt; fish keeps $status by itself.
function __aws_session_prompt --on-event fish_prompt
    set -q AWS_SESSION_EXPIRES; and __aws_session_look
    if __aws_session_measure
        __aws_session_render
    else
        set -g __aws_session_text ''
        set -g __aws_session_key ''
    end
    # Ours has not run for the last prompt: then it is not there.
    if test -n "$__aws_session_text"; and not set -q __aws_session_shown
        __aws_session_wrap
    end
    set -e __aws_session_shown
end

# Whether a call of aws has no use for our session: it takes a profile of its
# own, or needs no credentials at all.
function __aws_session_is_exempt
    set -l skip ''
    set -l service ''
    for word in $argv
        if test -n "$skip"
            set skip ''
            continue
        end
        switch $word
            case --profile '--profile=*' --version --no-sign-request
                return 0
            case '--*=*'
            case --region --output --query --endpoint-url --color \
                    --ca-bundle '--cli-*-timeout' '--cli-*-format'
                set skip yes
            case '-*'
            case '*'
                test -n "$service"; or set service $word
        end
    end
    contains -- "$service" '' help configure sso login logout
    or test "$argv[-1]" = help
end

# Have a session that lasts for a call of aws. Status 0: go on.
function __aws_session_prepare
    set -l margin 300
    set -l options
    if builtin string match -qr '^[0-9]{1,9}$' -- "$AWS_SESSION_MARGIN"
        set margin $AWS_SESSION_MARGIN
        test $margin -gt 0; and set options --min-remaining $margin
    end
    __aws_session_measure; or return 0
    __aws_session_look
    __aws_session_measure; or return 0
    if test $__aws_session_left -gt 0 -a $__aws_session_left -ge $margin
        return 0
    end
    __aws_session_is_exempt $argv; and return 0
    if test -t 0
        __aws_session_take $options
    else
        __aws_session_take $options </dev/null
    end
    set -l ended $status
    # Rather a short session than none; Ctrl-C means neither.
    if test $ended -eq 130 -o $__aws_session_left -le 0
        return $ended
    end
    return 0
end

# A function of the user's by this name goes on working.
if functions -q aws
    and not string match -q '*__aws_session_prepare*' -- (functions aws)
    functions -e __aws_session_users_aws
    functions -c aws __aws_session_users_aws
end

function aws
    __aws_session_prepare $argv; or return
    if builtin functions -q __aws_session_users_aws
        __aws_session_users_aws $argv
    else
        command aws $argv
    end
end

function aws-session-refresh -d 'Renew the AWS session of this shell'
    if contains -- --help $argv; or contains -- --version $argv
        set -l program $AWS_SESSION_PROGRAM aws-session
        command $program[1] refresh $argv
    else
        __aws_session_take $argv
    end
end

function aws-session-valid -d 'Whether the AWS session of this shell is alive'
    __aws_session_measure; and test $__aws_session_left -gt 0
end
