# Completion of aws-session(1) for bash 4.4 and later.
#
# Found by bash-completion by its name, or sourced from an rc file. Behind
# "exec" the command's own completion goes on, if bash-completion is there.
# tests/test_completions.py holds it against the option table.
# shellcheck shell=bash

# Offer what begins like the current word (cur, of _aws_session), quoted where
# it has to be; of a word with colons readline replaces the last part only.
_aws_session_offer()
{
    local word done=${cur%"${cur##*:}"} typed=${cur//\\/}

    for word; do
        [[ $word == "$typed"* ]] || continue
        word=${word#"$done"}
        printf -v word %q "$word"
        COMPREPLY+=("$word")
    done
}

_aws_session_offer_profiles()
{
    local names

    mapfile -t names < <("$program" list --profiles 2>/dev/null)
    _aws_session_offer "${names[@]}"
}

# Values of an option; some can only be typed.
_aws_session_offer_values()
{
    case $1 in
    --profile) _aws_session_offer_profiles ;;
    --format) _aws_session_offer process env env-no-export fish json ;;
    --shell) _aws_session_offer bash zsh sh fish ;;
    --user) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
    esac
}

# Offer an option if the command takes it: one of those named, or all without
# any. With no command yet it may be any.
_aws_session_option()
{
    if (($# == 1)) || [[ -z $command || " ${*:2} " == *" $command "* ]]; then
        _aws_session_offer "$1"
    fi
}

_aws_session_offer_options()
{
    _aws_session_option --profile
    _aws_session_option --code shell exec refresh export rotate
    _aws_session_option --session-duration \
        shell exec refresh export status rotate
    _aws_session_option --region
    _aws_session_option --mfa-serial shell exec refresh export status rotate
    _aws_session_option --min-remaining shell exec refresh export
    _aws_session_option --no-prompt
    _aws_session_option --cached exec refresh export
    _aws_session_option --all clear
    _aws_session_option --env add
    _aws_session_option --force configure add import remove clear rotate
    _aws_session_option --format export
    _aws_session_option --json list status doctor
    _aws_session_option --keep import
    _aws_session_option --profiles list
    _aws_session_option --shell refresh
    _aws_session_option --stdin add
    _aws_session_option --text provision-mfa
    _aws_session_option --user shell exec
    _aws_session_option --debug
    _aws_session_option --help
    _aws_session_option --version
}

# The command that exec runs begins at the place given.
_aws_session_wrapped()
{
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$1"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD == $1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    else
        compopt -o default
        COMPREPLY=()
    fi
}

_aws_session()
{
    local program=$1 cur=${COMP_WORDS[COMP_CWORD]} start=$COMP_CWORD place
    local word command='' option='' arguments=0 ended=''

    COMPREPLY=()
    # "=" and ":" are words of their own to readline.
    while ((start > 2)) && [[ ${COMP_WORDS[start]} == : ||
        ${COMP_WORDS[start - 1]} == : ]]; do
        ((start--))
        cur=${COMP_WORDS[start]}$cur
    done
    [[ $cur != = ]] || cur=
    for ((place = 1; place < start; place++)); do
        word=${COMP_WORDS[place]}
        if [[ -n $option ]]; then
            [[ $word == = ]] || option=
        elif [[ $word == : ]]; then
            ((place++))
        elif [[ -n $ended || $word != -* ]]; then
            [[ $command == exec ]] && break
            if [[ -z $command ]]; then
                command=$word
            else
                ((arguments++))
            fi
        elif [[ $word == -- ]]; then
            ended=yes
        else
            case $word in
            --profile | --code | --session-duration | --region | \
                --mfa-serial | --min-remaining | --format | --shell | --user)
                option=$word
                ;;
            esac
        fi
    done
    if [[ $command == exec && -z $option ]] &&
        { ((place < start)) || [[ -n $ended ]]; }; then
        _aws_session_wrapped "$place"
    elif [[ -n $option ]]; then
        _aws_session_offer_values "$option"
    elif [[ $cur == -* && -z $ended ]]; then
        _aws_session_offer_options
    else
        case $command in
        '')
            _aws_session_offer shell exec refresh export configure \
                provision-mfa add import rotate remove list status doctor \
                clear
            ;;
        exec) _aws_session_wrapped "$COMP_CWORD" ;;
        import) _aws_session_offer_profiles ;;
        add | rotate | remove | configure)
            ((arguments > 0)) || _aws_session_offer_profiles
            ;;
        esac
    fi
} && complete -F _aws_session aws-session
