/*
 * Where our helpers and hooks are. A file of its own, because it is the only
 * thing in which the installed program and the one of the build tree differ.
 */
#include "helper.h"
#include "login/shell_hook.h"

const char sign_path[] = SIGN_PATH;
const char sts_path[] = STS_PATH;
const char qr_path[] = QR_PATH;
const char runas_path[] = RUNAS_PATH;
const char hook_dir[] = HOOK_DIR;
