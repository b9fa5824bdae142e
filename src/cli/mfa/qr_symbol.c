/*
 * A QR code: see qr_symbol.h. Part of aws-session.
 */
#include "qr_symbol.h"

#include "helper.h"

enum { QR_TIMEOUT = 10000 /* ms */ };

static int
take_modules(struct qr_symbol *symbol, const struct message *answer,
             struct report *report)
{
    size_t width = 0;

    if (message_secret(answer, FIELD_MODULES, &symbol->modules) != 0)
        return report_set(report, "out of memory");
    while (width * width < symbol->modules.length)
        width++;
    if (width * width != symbol->modules.length || width == 0)
        return report_set(report, "%s made no square", qr_path);
    symbol->width = width;
    return 0;
}

int
qr_symbol_make(struct qr_symbol *symbol, const struct secret *text,
               struct report *report)
{
    struct helper helper = HELPER_NONE;
    struct message request = {0}, answer = {0};
    int result = -1;

    message_begin(&request, MESSAGE_QR_ENCODE);
    message_put_bytes(&request, FIELD_URI, text->data, text->length);
    if (helper_start(&helper, qr_path, report) == 0 &&
        helper_send(&helper, &request, report) == 0 &&
        helper_receive(&helper, &answer, MESSAGE_BIT(MESSAGE_QR_SYMBOL),
                       QR_TIMEOUT, report) == 0)
        result = take_modules(symbol, &answer, report);
    helper_stop(&helper);
    message_free(&request);
    message_free(&answer);
    return result;
}

void
qr_symbol_free(struct qr_symbol *symbol)
{
    secret_free(&symbol->modules);
    symbol->width = 0;
}
