# The life of the AWS session in zsh's prompt, and its renewal in place.
#
# Sourced, at the start by zsh/.zshenv or by one line in ~/.zshrc: see
# aws-session(1), IN THE SHELL. Loading it twice is loading it once. For a
# prompt it never forks, and never has zsh expand what somebody else wrote: a
# profile's name, the change mark. The user's options, $? and history stay as
# they are.

[[ -o interactive ]] || return 0

# Read once more with zsh's own options and no aliases, whatever the user's.
if [[ ${1-} != __aws_session_definitions ]]; then
    () {
        'builtin' 'emulate' '-L' 'zsh' '-o' 'no_aliases'
        'builtin' 'source' "$1" __aws_session_definitions
    } "${(%):-%x}"
    return 0
fi

# Also after ~/.zshrc was read again; a nested shell has a number of its own.
if [[ ${__aws_session_loaded-} != $$ ]]; then
    typeset -g __aws_session_loaded=$$
    typeset -g __aws_session_text=      # what the prompt shows
    typeset -g __aws_session_key=       # what that was made of
    typeset -g __aws_session_mark=      # what is ours in PROMPT
    typeset -g __aws_session_left=0     # seconds
    typeset -g __aws_session_late=0     # see __aws_session_follow
    typeset -g __aws_session_moves=0
    typeset -ga __aws_session_aws=(builtin command aws)
fi
typeset -g __aws_session_seen=${AWS_SESSION_CHANGE-}

# Seconds that are left, in __aws_session_left; status 1 without a session.
# Digits only: zsh would evaluate anything else as an expression.
__aws_session_measure() {
    emulate -L zsh
    local now='%D{%s}'

    case ${AWS_SESSION_EXPIRES-} in
    ('' | *[^0123456789]* | ?????????????*) return 1 ;;
    esac
    __aws_session_left=$(( 10#$AWS_SESSION_EXPIRES - ${(%)now} ))
}

# Run "aws-session refresh OPTION ..." and do what it prints, which "set -x"
# must not show.
__aws_session_take() {
    emulate -L zsh -o no_xtrace
    local program=${AWS_SESSION_PROGRAM-} code ended=0

    if [[ ! -x $program ]]; then
        program=aws-session
    fi
    {
        code=$(builtin command -- $program refresh "$@" --shell zsh) ||
            ended=$?
    } always {
        if (( TRY_BLOCK_INTERRUPT )); then
            TRY_BLOCK_INTERRUPT=0
            ended=130
        fi
    }
    if (( ended == 130 )); then
        # For zsh an interrupted substitution has status 2. This interrupts
        # what is run, too, and has the right one.
        builtin command sh -c 'kill -INT $$'
        return 130
    fi
    # For zsh a substitution that was stopped and went on, as that of a job
    # which asks in the background, has failed with a status that we do not
    # have. The code is whole or not there.
    if (( ended == 255 )) && [[ -n $code ]]; then
        ended=0
    fi
    if (( ended == 0 )); then
        builtin eval $code
    fi
    return $ended
}

# If the sessions have changed since we looked: take the one that is kept.
__aws_session_look() {
    emulate -L zsh
    local directory mark=

    for directory in /run/user/$EUID /tmp/aws-session-$EUID; do
        if [[ -d $directory && -O $directory && ! -L $directory ]]; then
            directory+=/aws-session-changes
            if [[ -f $directory && -r $directory ]]; then
                IFS= builtin read -r mark <$directory
            fi
            break
        fi
    done
    if [[ $mark != $__aws_session_seen ]]; then
        __aws_session_seen=$mark
        __aws_session_take --cached 2>/dev/null || :
    fi
    return 0
}

# Whether this terminal gets colours.
__aws_session_has_colours() {
    emulate -L zsh
    case ${AWS_SESSION_COLOR:-${AWS_SESSION_COLORS-}} in
    (0) return 1 ;;
    ('') [[ -z ${NO_COLOR-} && $__aws_session_colours -ge 8 ]] ;;
    esac
}

# Make __aws_session_text of the format, the profile and the time, so that
# expanding % and ! with the user's options ($1) gives the text back.
__aws_session_format() {
    emulate -L zsh
    local modes=$1 profile=$2 sign=$3 time=$4 colour=$5 format text= mark

    format='(aws%s%t) '
    if [[ -n $profile && $profile != default ]]; then
        format='(aws:%p%s%t) '
    fi
    format=${AWS_SESSION_PROMPT-$format}
    if [[ $format == off ]]; then
        format=
    fi
    # The place of the time, until the rest is quoted.
    mark=$'\1'
    format=${format//[[:cntrl:]]/?}
    profile=${profile//[[:cntrl:]]/?}
    while [[ $format == *%* ]]; do
        text+=${format%%\%*}
        format=${format#*%}
        case $format in
        (p*) text+=$profile ;;
        (s*) text+=$sign ;;
        (t*) text+=$mark ;;
        (%*) text+=% ;;
        (*) text+=%${format[1]} ;;
        esac
        format=${format[2,-1]}
    done
    text+=$format
    if [[ $modes == *percent* ]]; then
        text=${text//\%/%%}
        if [[ -n $colour ]]; then
            time=$'%{\e['$colour$'m%}'$time$'%{\e[39m%}'
        fi
    fi
    if [[ $modes == *bang* ]]; then
        text=${text//\!/!!}
    fi
    __aws_session_text=${text//$mark/$time}
}

# Make __aws_session_text anew if it would be another one.
__aws_session_render() {
    emulate -L zsh
    local sign=+ time colour= left=$__aws_session_left key

    if (( left >= 6000 )); then
        time=$(( left / 3600 ))h
    elif (( left >= 100 )); then
        time=$(( left / 60 ))m
    elif (( left > 0 )); then
        time=${left}s
    else
        time=exp sign=!
    fi
    if (( left < 300 )) && __aws_session_has_colours; then
        colour=$(( left < 60 ? 31 : 33 ))
    fi
    key=$1/$time/$colour/${AWS_SESSION_PROFILE-}/${AWS_SESSION_PROMPT-%}
    if [[ $key != $__aws_session_key ]]; then
        __aws_session_format $1 "${AWS_SESSION_PROFILE-}" $sign $time $colour
        __aws_session_key=$key
    fi
}

# Have PROMPT show the text once, behind newlines that it may begin with. With
# prompt_subst it gets a reference, whose value zsh does not substitute again;
# else the text, without what would be substituted with it.
__aws_session_place() {
    emulate -L zsh
    local mark rest=${PROMPT-} lead=

    mark='${__aws_session_text-}'
    if [[ $1 != *subst* ]]; then
        mark=${__aws_session_text//[\\\$\`]/?}
    fi
    if [[ $mark == "$__aws_session_mark" && $rest == *"$mark"* ]] ||
        [[ ${(t)PROMPT} == *readonly* ]]; then
        return
    fi
    if [[ -n $__aws_session_mark ]]; then
        rest=${rest/"$__aws_session_mark"/}
    fi
    __aws_session_mark=$mark
    if [[ $rest != *"$mark"* ]]; then # it may be inherited with an old PROMPT
        while [[ $rest == $'\n'* ]]; do
            lead+=$'\n' rest=${rest[2,-1]}
        done
        # powerlevel10k begins by going up a line, over what was there.
        if [[ $rest == *_p9k_* ]]; then
            rest+=$mark
        else
            rest=$lead$mark$rest
        fi
    fi
    PROMPT=$rest
}

# $1: the user's options for prompts.
__aws_session_prompt() {
    emulate -L zsh -o no_xtrace
    if [[ -n ${AWS_SESSION_EXPIRES-} ]]; then
        __aws_session_look
    fi
    if __aws_session_measure; then
        __aws_session_render $1
        __aws_session_place $1
    elif [[ -n $__aws_session_text ]]; then
        __aws_session_text= __aws_session_key=
        __aws_session_place $1
    fi
}

# Before each prompt, by the user's options.
__aws_session_precmd() {
    local before=$? modes=,

    if [[ -o prompt_subst ]]; then modes+=subst,; fi
    if [[ -o prompt_percent ]]; then modes+=percent,; fi
    if [[ -o prompt_bang ]]; then modes+=bang,; fi
    if [[ ${1-} != late ]]; then
        __aws_session_follow
    fi
    __aws_session_prompt "$modes"
    # zsh keeps $? by itself, but not here.
    if [[ ${1-} == late ]]; then
        return $before
    fi
    return 0
}

# Be the last precmd function: what comes later may make PROMPT anew. Whoever
# wants to be the last, too, remains it. Where we are not, we are scheduled
# behind all of them, which costs the user's $pipestatus. As a condition our
# status sets off neither ERR_EXIT nor a trap.
__aws_session_follow() {
    emulate -L zsh -o no_xtrace
    if [[ ${precmd_functions[-1]-} != __aws_session_precmd ]]; then
        if (( ++__aws_session_moves <= 2 )); then
            precmd_functions=(${precmd_functions:#__aws_session_precmd}
                __aws_session_precmd)
        fi
        if (( __aws_session_late )); then
            sched +0 "__aws_session_precmd late && :"
        fi
    fi
}

# Whether a call of aws has no use for our session: it takes a profile of its
# own, or needs no credentials at all.
__aws_session_is_exempt() {
    emulate -L zsh
    local word= skip=0 service=

    for word; do
        if (( skip )); then
            skip=0
            continue
        fi
        case $word in
        (--profile | --profile=* | --version | --no-sign-request) return 0 ;;
        (--*=*) ;;
        (--region | --output | --query | --endpoint-url | --color | \
            --ca-bundle | --cli-*-timeout | --cli-*-format) skip=1 ;;
        (-*) ;;
        (*) service=${service:-$word} ;;
        esac
    done
    case $service in
    ('' | help | configure | sso | login | logout) return 0 ;;
    esac
    [[ $word == help ]]
}

# Have a session that lasts for a call of aws. Status 0: go on.
__aws_session_prepare() {
    emulate -L zsh -o no_xtrace
    local margin=${AWS_SESSION_MARGIN-} ended
    local -a extra

    case $margin in
    ('' | *[^0123456789]* | ??????????*) margin=300 ;;
    (*[^0]*) extra=(--min-remaining $margin) ;;
    esac
    __aws_session_measure || return 0
    __aws_session_look
    __aws_session_measure || return 0
    if (( __aws_session_left > 0 && __aws_session_left >= 10#$margin )) ||
        __aws_session_is_exempt "$@"; then
        return 0
    fi
    if [[ -t 0 ]]; then
        __aws_session_take $extra
    else
        __aws_session_take $extra </dev/null
    fi
    ended=$?
    # Rather a short session than none; Ctrl-C means neither.
    if (( ended == 130 || __aws_session_left <= 0 )); then
        return $ended
    fi
    return 0
}

# A function of the user's by this name goes on working.
__aws_session_adopt() {
    emulate -L zsh
    if (( ${+functions[aws]} )); then
        if [[ ${functions[aws]} == *'autoload -X'* ]]; then
            autoload +X aws || return 0
        fi
        if [[ ${functions[aws]} != *__aws_session_prepare* ]]; then
            functions[__aws_session_users_aws]=${functions[aws]}
            __aws_session_aws=(__aws_session_users_aws)
        fi
    fi
}

() {
    local colours=0

    if zmodload zsh/terminfo 2>/dev/null; then
        colours=${terminfo[colors]-}
    fi
    typeset -g __aws_session_colours=${${(M)colours:#<->}:-0}
    if zmodload zsh/sched 2>/dev/null; then
        __aws_session_late=1
    fi
    __aws_session_adopt
    typeset -ga precmd_functions
    if (( ! ${precmd_functions[(I)__aws_session_precmd]} )); then
        precmd_functions+=(__aws_session_precmd)
    fi
}

function aws {
    __aws_session_prepare "$@" || return
    "${__aws_session_aws[@]}" "$@"
}

# Renew the session of this shell, with options of "aws-session refresh".
function aws-session-refresh {
    emulate -L zsh
    if (( ${@[(I)--help]} || ${@[(I)--version]} )); then
        command ${AWS_SESSION_PROGRAM:-aws-session} refresh "$@"
    else
        __aws_session_take "$@"
    fi
}

# Whether the session of this shell is alive.
function aws-session-valid {
    emulate -L zsh
    __aws_session_measure && (( __aws_session_left > 0 ))
}
