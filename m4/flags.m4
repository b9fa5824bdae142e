# Probes for compiler and linker flags that are appended to a variable.

# AWS_SESSION_CFLAG(VARIABLE, FLAGS, [required])
AC_DEFUN([AWS_SESSION_CFLAG], [
  AC_MSG_CHECKING([whether $CC takes $2])
  as_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); $1="$$1 $2"],
    [AC_MSG_RESULT([no])
     m4_ifval([$3], [AC_MSG_ERROR([$CC does not take $2])])])
  CFLAGS=$as_saved_CFLAGS
])

# AWS_SESSION_LDFLAG(VARIABLE, FLAGS, [required], [PROGRAM])
AC_DEFUN([AWS_SESSION_LDFLAG], [
  AC_MSG_CHECKING([whether the linker takes $2])
  as_saved_LDFLAGS=$LDFLAGS
  LDFLAGS="$LDFLAGS $2"
  AC_LINK_IFELSE([m4_ifval([$4], [AC_LANG_SOURCE([$4])],
      [AC_LANG_PROGRAM([], [])])],
    [AC_MSG_RESULT([yes]); $1="$$1 $2"],
    [AC_MSG_RESULT([no])
     m4_ifval([$3], [AC_MSG_ERROR([the linker does not take $2])])])
  LDFLAGS=$as_saved_LDFLAGS
])

# AWS_SESSION_FORTIFY: level 3 where there is one, nothing without -O and
# nothing where the user or the compiler already says so.
AC_DEFUN([AWS_SESSION_FORTIFY], [
  HARDEN_CPPFLAGS=
  case " $CPPFLAGS $CFLAGS " in
  *_FORTIFY_SOURCE*|*" -O0 "*) ;;
  *" -O"*)
    for level in 3 2; do
      AC_MSG_CHECKING([for _FORTIFY_SOURCE=$level])
      as_saved_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM([@%:@include <string.h>], [])],
        [AC_MSG_RESULT([yes])
         HARDEN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level"],
        [AC_MSG_RESULT([no])])
      CFLAGS=$as_saved_CFLAGS
      test -z "$HARDEN_CPPFLAGS" || break
    done ;;
  esac
])
