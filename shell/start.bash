# shellcheck shell=bash
# What bash reads at its start by "aws-session shell": the user's own files,
# then our hook.
#
# A shell that is no login shell has it for its --rcfile, so bash has read the
# system's bashrc by itself if it was built to. A login shell reads no such
# file; it was started in POSIX mode, in which bash reads $ENV and nothing
# else, and that is this file: so it leaves POSIX mode first and then reads
# what a login shell reads. It is the last word either way: no assignment to
# PROMPT_COMMAND in those files takes the hook away.

__aws_session_here=${BASH_SOURCE[0]%/*}
if shopt -q login_shell; then
    set +o posix
    # POSIX mode has set these two, and leaving it does not change them.
    shopt -u inherit_errexit
    if [[ ${HISTFILE-} == "$HOME/.sh_history" && ${HISTFILE@a} != *x* ]]; then
        HISTFILE=$HOME/.bash_history
    fi
    if [[ ${_AWS_SESSION_ENV-} == =* ]]; then
        export ENV=${_AWS_SESSION_ENV#=}
    else
        unset ENV
    fi
    unset _AWS_SESSION_ENV
    # "|| :": the last line of a file may fail after "set -e".
    if [[ -r /etc/profile ]]; then
        # shellcheck source=/dev/null
        . /etc/profile || :
    fi
    if [[ -r ~/.bash_profile ]]; then
        # shellcheck source=/dev/null
        . ~/.bash_profile || :
    elif [[ -r ~/.bash_login ]]; then
        # shellcheck source=/dev/null
        . ~/.bash_login || :
    elif [[ -r ~/.profile ]]; then
        # shellcheck source=/dev/null
        . ~/.profile || :
    fi
elif [[ -r ~/.bashrc ]]; then
    # shellcheck source=/dev/null
    . ~/.bashrc || :
fi
if [[ -r ${__aws_session_here-}/hook.bash ]]; then
    # shellcheck source=shell/hook.bash
    . "$__aws_session_here/hook.bash"
fi
unset __aws_session_here
