# The start of zsh by "aws-session shell": ZDOTDIR is this directory until
# here. It becomes what it was, so that zsh reads the user's own files and they
# see nothing of us; then our hook is loaded before the first prompt, after
# all of them.

if [[ ${_AWS_SESSION_ZDOTDIR-} == '='* ]]; then
    export ZDOTDIR=${_AWS_SESSION_ZDOTDIR#'='}
else
    unset ZDOTDIR
fi
unset _AWS_SESSION_ZDOTDIR
__aws_session_hook=${${(%):-%x}:h:h}/hook.zsh

# zsh runs what is scheduled behind all precmd functions, whatever .zshrc
# does to that list.
if [[ -o interactive && -r $__aws_session_hook ]]; then
    __aws_session_begin() {
        local before=$?

        () {
            emulate -L zsh
            precmd_functions=(${precmd_functions:#__aws_session_begin})
        }
        if [[ -r $__aws_session_hook ]]; then
            \builtin source "$__aws_session_hook"
            __aws_session_precmd
        fi
        unset __aws_session_hook
        unfunction __aws_session_begin
        return $before
    }
    if zmodload zsh/sched 2>/dev/null; then
        sched +0 "__aws_session_begin && :"
    else
        precmd_functions+=(__aws_session_begin)
    fi
fi

if [[ -r ${ZDOTDIR-$HOME}/.zshenv ]]; then
    source "${ZDOTDIR-$HOME}/.zshenv"
fi
