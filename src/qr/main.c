/*
 * aws-session-qr: makes a QR code of the text that it is sent.
 *
 * Runs as the user, started by aws-session when an MFA device is made. The
 * text holds the seed of the device: it comes and goes by the socket on
 * standard input, and nowhere else. Opens no file, no terminal and no
 * connection. A program of its own so that aws-session, which has to be as
 * quick as env(1), need not load libqrencode, and because that library keeps
 * copies of its input in memory that it does not wipe: they end with this
 * process, which does one thing and is gone.
 */
#include "message.h"

#include <qrencode.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EXIT_OURS = 125, PATIENCE = 10000 /* ms */ };

/*
 * Level L: a screen has no dirt on it, and the fewer modules the more fit.
 * The library chooses modes by itself: a base32 seed is alphanumeric.
 */
static QRcode *
encode(const struct message *request)
{
    struct secret text = {0};
    QRcode *code = NULL;

    if (message_secret(request, FIELD_URI, &text) == 0 &&
        strlen(text.data) == text.length)
        code = QRcode_encodeString(text.data, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    secret_free(&text);
    return code;
}

/* The lowest bit of each module of the library says whether it is dark. */
static int
answer(QRcode *code, struct report *report)
{
    size_t size = (size_t)code->width * (size_t)code->width;
    struct message reply = {0};
    int result;

    for (size_t i = 0; i < size; i++)
        code->data[i] &= 1;
    message_begin(&reply, MESSAGE_QR_SYMBOL);
    message_put_bytes(&reply, FIELD_MODULES, code->data, size);
    result = message_send(STDIN_FILENO, &reply, report);
    message_free(&reply);
    explicit_bzero(code->data, size);
    return result;
}

int
main(void)
{
    struct message request = {0};
    struct report report;
    QRcode *code = NULL;
    int status = EXIT_OURS;

    if (isatty(STDIN_FILENO)) {
        fputs("aws-session-qr: aws-session starts this by itself, there is "
              "nothing to do here by hand\n",
              stderr);
        return EXIT_OURS;
    }
    prctl(PR_SET_DUMPABLE, 0);
    if (message_receive(STDIN_FILENO, &request, MESSAGE_BIT(MESSAGE_QR_ENCODE),
                        PATIENCE, &report) == MESSAGE_OK)
        code = encode(&request);
    if (code != NULL && answer(code, &report) == 0)
        status = 0;
    QRcode_free(code);
    message_free(&request);
    return status;
}
