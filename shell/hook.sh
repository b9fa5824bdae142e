# shellcheck shell=sh
# The AWS session in the prompt of a plain POSIX shell, and its renewal.
#
# Sourced, as $ENV or by one line in a file of the user's: see aws-session(1),
# IN THE SHELL. Such a shell can neither tell the time without a fork nor run
# something before a prompt. So the prompt shows when the session ends, worked
# out once per session, and a session that was renewed or cleared elsewhere is
# noticed by the next "aws".

case $- in
*i*) ;;
*) return 0 ;;
esac

# Started with this file as $ENV: first the user's own, named as they set it
# ("=" and its value), else what ksh reads by itself.
if [ "${_AWS_SESSION_ENV+set}" ]; then
    case $_AWS_SESSION_ENV in
    =*)
        ENV=${_AWS_SESSION_ENV#=}
        export ENV
        __aws_session_rc=$ENV
        ;;
    *)
        unset ENV
        case ${KSH_VERSION-} in
        *93*) __aws_session_rc=$HOME/.kshrc ;;
        *MIRBSD* | *LEGACY*) __aws_session_rc=$HOME/.mkshrc ;;
        *) __aws_session_rc= ;;
        esac
        ;;
    esac
    unset _AWS_SESSION_ENV
    # It holds variables, as in '$HOME/.shrc'; commands are not run for it.
    # shellcheck disable=SC2016
    case $__aws_session_rc in
    *[\`\"\\]* | *'$('*) ;;
    *'$'*) eval "__aws_session_rc=\"$__aws_session_rc\"" ;;
    esac
    case $__aws_session_rc in
    '' | */*) ;;
    *) __aws_session_rc=./$__aws_session_rc ;;
    esac
    if [ -n "$__aws_session_rc" ] && [ -r "$__aws_session_rc" ]; then
        # shellcheck source=/dev/null
        . "$__aws_session_rc" || :
    fi
    unset __aws_session_rc
fi

__aws_session_user=$(id -u)
__aws_session_seen=${AWS_SESSION_CHANGE-}

# Seconds that are left, in __aws_session_left; status 1 without a session.
__aws_session_measure() {
    case ${AWS_SESSION_EXPIRES-} in
    '' | *[!0123456789]* | ?????????????*) return 1 ;;
    esac
    # A number that begins with 0 would be octal.
    case $AWS_SESSION_EXPIRES in
    0*) __aws_session_left=0 ;;
    *) __aws_session_left=$((AWS_SESSION_EXPIRES - $(date +%s))) ;;
    esac
}

# The end of the session, into __aws_session_end: 14:05, or Tue 02:05 on
# another day.
__aws_session_find_end() {
    __aws_session_end=$(date -d "@$AWS_SESSION_EXPIRES" +%j 2>/dev/null) ||
        __aws_session_end=
    if [ -z "$__aws_session_end" ]; then
        return 0
    elif [ "$__aws_session_end" = "$(date +%j)" ]; then
        __aws_session_end=$(date -d "@$AWS_SESSION_EXPIRES" +%H:%M)
    else
        __aws_session_end=$(date -d "@$AWS_SESSION_EXPIRES" '+%a %H:%M')
    fi
}

# Make __aws_session_text, which PS1 refers to: its value is not expanded
# again, but for "!" in ksh93 and backslashes in busybox.
__aws_session_render() {
    __aws_session_text=
    __aws_session_measure || return 0
    __aws_session_sign=@
    if [ "$__aws_session_left" -gt 0 ]; then
        __aws_session_find_end
    else
        __aws_session_sign=! __aws_session_end=exp
    fi
    case ${AWS_SESSION_PROFILE:-default} in
    default) __aws_session_rest='(aws%s%t) ' ;;
    *) __aws_session_rest='(aws:%p%s%t) ' ;;
    esac
    __aws_session_rest=${AWS_SESSION_PROMPT-$__aws_session_rest}
    if [ "$__aws_session_rest" = off ]; then
        return 0
    fi
    while :; do
        case $__aws_session_rest in
        *%*) ;;
        *) break ;;
        esac
        __aws_session_text=$__aws_session_text${__aws_session_rest%%"%"*}
        __aws_session_rest=${__aws_session_rest#*"%"}
        case $__aws_session_rest in
        p*) __aws_session_text=$__aws_session_text${AWS_SESSION_PROFILE-} ;;
        s*) __aws_session_text=$__aws_session_text$__aws_session_sign ;;
        t*) __aws_session_text=$__aws_session_text$__aws_session_end ;;
        %*) __aws_session_text=$__aws_session_text% ;;
        *)
            __aws_session_text=$__aws_session_text%
            continue
            ;;
        esac
        __aws_session_rest=${__aws_session_rest#?}
    done
    __aws_session_text=$(printf '%s_' \
        "$__aws_session_text$__aws_session_rest" | tr '\001-\037\134\177' '?')
    __aws_session_text=${__aws_session_text%_}
    case ${KSH_VERSION-} in
    *93*)
        __aws_session_rest=$__aws_session_text
        __aws_session_text=
        while :; do
            case $__aws_session_rest in
            *!*) ;;
            *) break ;;
            esac
            __aws_session_text=$__aws_session_text${__aws_session_rest%%!*}!!
            __aws_session_rest=${__aws_session_rest#*!}
        done
        __aws_session_text=$__aws_session_text$__aws_session_rest
        ;;
    esac
}

# Run "aws-session refresh OPTION ..." and do what it prints, which "set -x"
# must not show.
__aws_session_take() {
    case $- in
    *x*)
        set +x
        if __aws_session_take "$@"; then set -- 0; else set -- "$?"; fi
        set -x
        return "$1"
        ;;
    esac
    __aws_session_program=${AWS_SESSION_PROGRAM-}
    if [ ! -x "$__aws_session_program" ]; then
        __aws_session_program=aws-session
    fi
    __aws_session_code=$(
        command "$__aws_session_program" refresh "$@" --shell sh
    ) || return
    eval "$__aws_session_code"
    unset __aws_session_code
    __aws_session_render
}

# If the sessions have changed since we looked: take the one that is kept.
__aws_session_look() {
    __aws_session_mark=
    for __aws_session_file in "/run/user/$__aws_session_user" \
        "/tmp/aws-session-$__aws_session_user"; do
        # shellcheck disable=SC3067 # every shell that starts with it has -O
        if [ -d "$__aws_session_file" ] && [ -O "$__aws_session_file" ] &&
            [ ! -L "$__aws_session_file" ]; then
            __aws_session_file=$__aws_session_file/aws-session-changes
            if [ -f "$__aws_session_file" ] && [ -r "$__aws_session_file" ]
            then
                IFS='' read -r __aws_session_mark <"$__aws_session_file" || :
            fi
            break
        fi
    done
    if [ "$__aws_session_mark" != "$__aws_session_seen" ]; then
        __aws_session_seen=$__aws_session_mark
        __aws_session_take --cached 2>/dev/null || :
    fi
}

# Whether a call of aws has no use for our session: it takes a profile of its
# own, or needs no credentials at all.
__aws_session_is_exempt() {
    __aws_session_skip=
    __aws_session_service=
    __aws_session_word=
    for __aws_session_word; do
        if [ -n "$__aws_session_skip" ]; then
            __aws_session_skip=
            continue
        fi
        case $__aws_session_word in
        --profile | --profile=* | --version | --no-sign-request) return 0 ;;
        --*=*) ;;
        --region | --output | --query | --endpoint-url | --color | \
            --ca-bundle | --cli-*-timeout | --cli-*-format)
            __aws_session_skip=yes
            ;;
        -*) ;;
        *)
            : "${__aws_session_service:=$__aws_session_word}"
            ;;
        esac
    done
    case $__aws_session_service in
    '' | help | configure | sso | login | logout) return 0 ;;
    esac
    [ "$__aws_session_word" = help ]
}

# Have a session that lasts for a call of aws. Status 0: go on.
__aws_session_prepare() {
    __aws_session_measure || return 0
    __aws_session_look
    __aws_session_measure || return 0
    __aws_session_margin=${AWS_SESSION_MARGIN-}
    case $__aws_session_margin in
    '' | *[!0123456789]* | ??????????*) __aws_session_margin=300 ;;
    esac
    if [ "$__aws_session_left" -gt 0 ] &&
        [ "$__aws_session_left" -ge "$__aws_session_margin" ] ||
        __aws_session_is_exempt "$@"; then
        return 0
    fi
    set --
    if [ "$__aws_session_margin" -gt 0 ]; then
        set -- --min-remaining "$__aws_session_margin"
    fi
    if [ -t 0 ]; then
        __aws_session_take "$@" && return 0
    else
        __aws_session_take "$@" </dev/null && return 0
    fi
    __aws_session_status=$?
    __aws_session_render
    # Rather a short session than none; Ctrl-C means neither.
    if [ "$__aws_session_status" -eq 130 ] || [ "$__aws_session_left" -le 0 ]
    then
        return "$__aws_session_status"
    fi
    return 0
}

# Renew the session of this shell, with options of "aws-session refresh".
__aws_session_refresh() {
    case " $* " in
    *' --help '* | *' --version '*)
        command "${AWS_SESSION_PROGRAM:-aws-session}" refresh "$@"
        ;;
    *) __aws_session_take "$@" ;;
    esac
}

# Whether the session of this shell is alive; the prompt tells, too.
__aws_session_valid() {
    __aws_session_render
    __aws_session_measure && [ "$__aws_session_left" -gt 0 ]
}

# An alias would be expanded in the definition; a function is the user's own.
__aws_session_alias=$(alias aws 2>/dev/null) || __aws_session_alias=
if [ -n "$__aws_session_alias" ]; then
    unalias aws
fi
case $(command -v aws) in
'' | /*)
    eval 'aws() {
        __aws_session_prepare "$@" || return
        command aws "$@"
    }'
    ;;
esac
if [ -n "$__aws_session_alias" ]; then
    eval "alias ${__aws_session_alias#alias }"
fi
unset __aws_session_alias
# Many of these shells have no functions of such names.
alias aws-session-refresh=__aws_session_refresh
alias aws-session-valid=__aws_session_valid

__aws_session_render
# shellcheck disable=SC2016 # PS1 is expanded later
case ${PS1-} in
*'${__aws_session_text-}'*) ;;
*) PS1='${__aws_session_text-}'${PS1-} ;;
esac
