# shellcheck shell=bash
# The life of the AWS session in bash's prompt, and its renewal in place.
#
# Sourced, by start.bash or by one line in ~/.bashrc: see aws-session(1), IN
# THE SHELL. Loading it twice is loading it once. For a prompt it never forks,
# and never has bash expand what somebody else wrote: a profile's name, the
# change mark. User's options, $?, traps and history stay as they are.
# bash 4.4 or later; 5.1 or later for an array PROMPT_COMMAND.

case $- in
*i*) ;;
*) return 0 ;;
esac
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
    return 0
fi

# Aliases would be expanded in our functions, and POSIX mode does not take
# their names: both are off while they are read.
__aws_session_modes=
if [[ -o posix ]]; then
    __aws_session_modes+=posix
    \set +o posix
fi
if \shopt -q expand_aliases; then
    __aws_session_modes+=aliases
    \shopt -u expand_aliases
fi

# Also after ~/.bashrc was read again; a nested shell has a number of its own.
if [[ ${__aws_session_loaded-} != "$$" ]]; then
    __aws_session_loaded=$$
    __aws_session_run=__aws_session_prompt # see __aws_session_attach
    __aws_session_text=                    # what the prompt shows
    __aws_session_key=                     # what that was made of
    __aws_session_mark=                    # what is ours in PS1
    __aws_session_left=0                   # seconds
    __aws_session_aws=(builtin command aws)
fi
__aws_session_seen=${AWS_SESSION_CHANGE-}

# Seconds that are left, in __aws_session_left; status 1 without a session.
# Digits only: bash would evaluate anything else as an expression.
__aws_session_measure() {
    case ${AWS_SESSION_EXPIRES-} in
    '' | *[!0123456789]* | ?????????????*) return 1 ;;
    esac
    builtin printf -v __aws_session_left '%(%s)T' -1
    __aws_session_left=$((10#$AWS_SESSION_EXPIRES - __aws_session_left))
}

# Run "aws-session refresh OPTION ..." and do what it prints, which "set -x"
# must not show.
__aws_session_take() {
    local program=${AWS_SESSION_PROGRAM-} code -

    set +x
    if [[ ! -x $program ]]; then
        program=aws-session
    fi
    code=$(builtin command -- "$program" refresh "$@" --shell bash) || return
    builtin eval "$code"
    return 0
}

# If the sessions have changed since we looked: take the one that is kept.
__aws_session_look() {
    local directory mark=

    for directory in "/run/user/$EUID" "/tmp/aws-session-$EUID"; do
        if [[ -d $directory && -O $directory && ! -L $directory ]]; then
            directory+=/aws-session-changes
            if [[ -f $directory && -r $directory ]]; then
                IFS= builtin read -r mark <"$directory"
            fi
            break
        fi
    done
    if [[ $mark != "$__aws_session_seen" ]]; then
        __aws_session_seen=$mark
        __aws_session_take --cached 2>/dev/null
    fi
    return 0
}

# Whether this terminal gets colours.
__aws_session_has_colours() {
    case ${AWS_SESSION_COLOR:-${AWS_SESSION_COLORS-}} in
    0) return 1 ;;
    '') [[ -z ${NO_COLOR-} && $__aws_session_colours -ge 8 ]] ;;
    esac
}

# Make __aws_session_text of the format, the profile and the time. Colours
# have the marks that tell readline that they take no room.
__aws_session_format() {
    local profile=$1 sign=$2 time=$3 colour=$4 format text=

    format='(aws%s%t) '
    if [[ $profile != default && -n $profile ]]; then
        format='(aws:%p%s%t) '
    fi
    format=${AWS_SESSION_PROMPT-$format}
    if [[ $format == off ]]; then
        format=
    fi
    format=${format//[[:cntrl:]]/?}
    profile=${profile//[[:cntrl:]]/?}
    if [[ -n $colour ]]; then
        time=$'\001\e['${colour}$'m\002'$time$'\001\e[39m\002'
    fi
    while [[ $format == *%* ]]; do
        text+=${format%%\%*}
        format=${format#*%}
        case $format in
        p*) text+=$profile ;;
        s*) text+=$sign ;;
        t*) text+=$time ;;
        %*) text+=% ;;
        *) text+=%${format:0:1} ;;
        esac
        format=${format:1}
    done
    __aws_session_text=$text$format
}

# Make __aws_session_text anew if it would be another one.
__aws_session_render() {
    local sign=+ time colour='' left=$__aws_session_left key

    if ((left >= 6000)); then
        time=$((left / 3600))h
    elif ((left >= 100)); then
        time=$((left / 60))m
    elif ((left > 0)); then
        time=${left}s
    else
        time=exp sign=!
    fi
    if ((left < 300)) && __aws_session_has_colours; then
        colour=$((left < 60 ? 31 : 33))
    fi
    key=$time/$colour/${AWS_SESSION_PROFILE-}/${AWS_SESSION_PROMPT-%}
    if [[ $key != "$__aws_session_key" ]]; then
        __aws_session_format "${AWS_SESSION_PROFILE-}" "$sign" "$time" \
            "$colour"
        __aws_session_key=$key
    fi
}

# Have PS1 show the text once, behind newlines that PS1 may begin with. It
# gets a reference, whose value bash does not expand again. With promptvars
# off there are no references; then it gets the text without what could be
# expanded if they were on.
__aws_session_place() {
    local mark rest=${PS1-} lead=

    # shellcheck disable=SC2016 # PS1 is expanded later
    mark='${__aws_session_text-}'
    if ! builtin shopt -q promptvars && [[ ! -o posix ]]; then
        mark=${__aws_session_text//[\\\$\`]/?}
        mark=${mark//$'\001'/'\['}
        mark=${mark//$'\002'/'\]'}
    fi
    if [[ $mark == "$__aws_session_mark" && $rest == *"$mark"* ]] ||
        [[ ${PS1@a} == *r* ]]; then
        return
    fi
    if [[ -n $__aws_session_mark ]]; then
        rest=${rest/"$__aws_session_mark"/}
    fi
    __aws_session_mark=$mark
    if [[ $rest != *"$mark"* ]]; then # it may be inherited with an old PS1
        while [[ $rest == $'\n'* || $rest == '\n'* ]]; do
            if [[ $rest == $'\n'* ]]; then
                lead+=$'\n' rest=${rest:1}
            else
                lead+='\n' rest=${rest:2}
            fi
        done
        rest=$lead$mark$rest
    fi
    PS1=$rest
}

# Be the last in PROMPT_COMMAND: what comes later may make PS1 anew. What
# stands round an entry in a string is not ours, so it stays there, and
# another one is added at the end. An entry does nothing in a shell that has
# inherited it without us, and its status ends no shell with "set -e" and sets
# off no trap on ERR.
#
# Status 0: the entry ("first" or "last") is at the end; 1: it is not; 2: it
# is not, and another one does the work.
__aws_session_attach() {
    local mine="\"\${__aws_session_run-:}\" $1 && :"
    local last="\"\${__aws_session_run-:}\" last && :" i

    if [[ ${PROMPT_COMMAND@a}${PROMPT_COMMAND[*]@a} == *r* ]]; then
        return 0
    fi
    if [[ ${PROMPT_COMMAND[*]@a} == *a* ]] &&
        ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        if [[ ${PROMPT_COMMAND[-1]} == "$mine" ]]; then
            return 0
        fi
        for i in "${!PROMPT_COMMAND[@]}"; do
            if [[ ${PROMPT_COMMAND[i]} == *__aws_session_run-* ]]; then
                builtin unset "PROMPT_COMMAND[i]"
            fi
        done
        PROMPT_COMMAND+=("$last")
        return 1
    fi
    # The first one, where it is an array.
    # shellcheck disable=SC2128,SC2178,SC2179
    case ${PROMPT_COMMAND-} in
    *"$mine") return 0 ;;
    *"$last"*) [[ $1 == last ]] || return 2 ;;
    *__aws_session_run-*) PROMPT_COMMAND+=$'\n'$last ;;
    '') PROMPT_COMMAND=$mine ;;
    *) PROMPT_COMMAND+=$'\n'$mine ;;
    esac
    return 1
}

# Before each prompt. bash keeps $? and PIPESTATUS by itself; our status is
# for what follows in the same string.
__aws_session_prompt() {
    local before=$? -

    set +eux
    __aws_session_attach "$1"
    if (($? < 2)); then
        if [[ -n ${AWS_SESSION_EXPIRES-} ]]; then
            __aws_session_look
        fi
        if __aws_session_measure; then
            __aws_session_render
            __aws_session_place
        elif [[ -n $__aws_session_text ]]; then
            __aws_session_text='' __aws_session_key=''
            __aws_session_place
        fi
    fi
    return "$before"
}

# Whether a call of aws has no use for our session: it takes a profile of its
# own, or needs no credentials at all.
__aws_session_is_exempt() {
    local word skip=0 service=

    for word; do
        if ((skip)); then
            skip=0
            continue
        fi
        case $word in
        --profile | --profile=* | --version | --no-sign-request) return 0 ;;
        --*=*) ;;
        --region | --output | --query | --endpoint-url | --color | \
            --ca-bundle | --cli-*-timeout | --cli-*-format) skip=1 ;;
        -*) ;;
        *) service=${service:-$word} ;;
        esac
    done
    case $service in
    '' | help | configure | sso | login | logout) return 0 ;;
    esac
    [[ ${word-} == help ]]
}

# Have a session that lasts for a call of aws. Status 0: go on.
__aws_session_prepare() {
    local margin=${AWS_SESSION_MARGIN-} options=() status -

    set +eux
    case $margin in
    '' | *[!0123456789]* | ??????????*) margin=300 ;;
    *[!0]*) options=(--min-remaining "$margin") ;;
    esac
    __aws_session_measure || return 0
    __aws_session_look
    __aws_session_measure || return 0
    if ((__aws_session_left > 0 && __aws_session_left >= 10#$margin)) ||
        __aws_session_is_exempt "$@"; then
        return 0
    fi
    if [[ -t 0 ]]; then
        __aws_session_take "${options[@]}"
    else
        __aws_session_take "${options[@]}" </dev/null
    fi
    status=$?
    # Rather a short session than none; Ctrl-C means neither.
    if ((status == 130 || __aws_session_left <= 0)); then
        return "$status"
    fi
    return 0
}

# A function of the user's by this name goes on working.
__aws_session_adopt() {
    local code

    if [[ $(builtin type -t aws) == function ]]; then
        code=$(builtin declare -f aws)
        if [[ $code != *__aws_session_prepare* ]]; then
            builtin eval "function __aws_session_users_aws ${code#*)}"
            __aws_session_aws=(__aws_session_users_aws)
        fi
    fi
}

__aws_session_load() {
    local -

    set +eux
    case ${TERM-} in
    '' | dumb | unknown) __aws_session_colours=0 ;;
    *-256color | *-direct | xterm | screen | tmux | linux | alacritty | foot)
        __aws_session_colours=8
        ;;
    *) __aws_session_colours=$(builtin command tput colors 2>/dev/null) ;;
    esac
    case $__aws_session_colours in
    '' | *[!0123456789]*) __aws_session_colours=0 ;;
    esac
    __aws_session_adopt
    __aws_session_attach first
    return 0
}

__aws_session_load

function aws {
    __aws_session_prepare "$@" || return
    "${__aws_session_aws[@]}" "$@"
}

# Renew the session of this shell, with options of "aws-session refresh".
function aws-session-refresh {
    local word

    for word; do
        case $word in
        --help | --version)
            builtin command "${AWS_SESSION_PROGRAM:-aws-session}" refresh "$@"
            return
            ;;
        esac
    done
    __aws_session_take "$@"
}

# Whether the session of this shell is alive.
function aws-session-valid {
    __aws_session_measure && ((__aws_session_left > 0))
}

case $__aws_session_modes in *aliases) shopt -s expand_aliases ;; esac
case $__aws_session_modes in posix*) set -o posix ;; esac
unset __aws_session_modes
