/*
 * An XML document, walked: see document.h. Part of aws-session-sts.
 */
#include "document.h"

#include "memory.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Answers of AWS are 5 deep, their paths below 80 bytes. BLANKS is how much
 * white space may follow a text before it counts as too long. */
enum { DEPTH_LIMIT = 32, PATH_SIZE = 256, BLANKS = 512 };

struct walk {
    XML_Parser parser;
    const struct document_visitor *visitor;
    void *context;
    struct report *report; /* filled once failed is set */
    bool failed;
    char path[PATH_SIZE];
    size_t lengths[DEPTH_LIMIT]; /* of the path around each open element */
    int depth;
    int leaf_depth; /* of the element whose text is wanted, 0: none */
    size_t limit;
    struct secret text;
    bool too_long;
};

static void
stop(struct walk *walk)
{
    walk->failed = true;
    XML_StopParser(walk->parser, XML_FALSE);
}

/*
 * Add "/name" to the path, without its prefix. A path that does not fit is
 * cut, and is then longer than any that a visitor looks for.
 */
static void
push_name(struct walk *walk, const char *name)
{
    const char *colon = strrchr(name, ':');
    size_t used = strlen(walk->path);
    size_t length;

    walk->lengths[walk->depth++] = used;
    if (colon != NULL)
        name = colon + 1;
    if (used > 0 && used + 1 < sizeof(walk->path))
        walk->path[used++] = '/';
    length = strlen(name);
    if (length >= sizeof(walk->path) - used)
        length = sizeof(walk->path) - used - 1;
    memcpy(walk->path + used, name, length);
    walk->path[used + length] = '\0';
}

static void XMLCALL
begin_element(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct walk *walk = context;

    (void)attributes;
    if (walk->failed)
        return;
    if (walk->depth == DEPTH_LIMIT) {
        report_set(walk->report, "its elements are nested too deeply");
        stop(walk);
        return;
    }
    push_name(walk, name);
    if (walk->leaf_depth != 0)
        return;
    walk->limit = 0;
    if (walk->visitor->enter(walk->context, walk->path, &walk->limit,
                             walk->report) != 0)
        stop(walk);
    else if (walk->limit > 0)
        walk->leaf_depth = walk->depth;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void XMLCALL
take_text(void *context, const XML_Char *bytes, int count)
{
    struct walk *walk = context;
    size_t length = (size_t)count;
    size_t room;

    if (walk->failed || walk->depth != walk->leaf_depth)
        return;
    while (walk->text.length == 0 && length > 0 && is_blank(*bytes)) {
        bytes++;
        length--;
    }
    room = walk->limit + BLANKS - walk->text.length;
    if (length > room) {
        walk->too_long = true;
        length = room;
    }
    if (length > 0 && secret_append(&walk->text, bytes, length) != 0) {
        report_set(walk->report, "memory ran out");
        stop(walk);
    }
}

static void
end_leaf(struct walk *walk)
{
    struct secret *text = &walk->text;

    if (secret_append(text, "", 0) != 0) { /* an empty one gets its NUL */
        report_set(walk->report, "memory ran out");
        stop(walk);
        return;
    }
    while (text->length > 0 && is_blank(text->data[text->length - 1]))
        text->data[--text->length] = '\0';
    if (text->length > walk->limit)
        walk->too_long = true;
    if (walk->visitor->leave(walk->context, text, walk->too_long,
                             walk->report) != 0)
        stop(walk);
    secret_clear(text);
    walk->too_long = false;
    walk->leaf_depth = 0;
}

static void XMLCALL
end_element(void *context, const XML_Char *name)
{
    struct walk *walk = context;

    (void)name;
    if (walk->failed)
        return;
    if (walk->depth == walk->leaf_depth)
        end_leaf(walk);
    walk->path[walk->lengths[--walk->depth]] = '\0';
}

static void XMLCALL
refuse_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
               const XML_Char *public_id, int has_internal_subset)
{
    struct walk *walk = context;

    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    if (walk->failed)
        return;
    report_set(walk->report, "it has a document type declaration");
    stop(walk);
}

int
document_walk(const void *xml, size_t length,
              const struct document_visitor *visitor, void *context,
              struct report *report)
{
    static const XML_Memory_Handling_Suite memory = {malloc, memory_realloc,
                                                     memory_free};
    struct walk walk = {
        .visitor = visitor, .context = context, .report = report};
    int result = -1;

    if (length > INT_MAX)
        return report_set(report, "it is too long");
    walk.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (walk.parser == NULL) {
        report_set(report, "memory ran out");
        goto done;
    }
    XML_SetUserData(walk.parser, &walk);
    XML_SetElementHandler(walk.parser, begin_element, end_element);
    XML_SetCharacterDataHandler(walk.parser, take_text);
    XML_SetStartDoctypeDeclHandler(walk.parser, refuse_doctype);
    if (XML_Parse(walk.parser, xml, (int)length, 1) != XML_STATUS_OK) {
        if (!walk.failed)
            report_set(report, "it is not XML (%s)",
                       XML_ErrorString(XML_GetErrorCode(walk.parser)));
        goto done;
    }
    result = 0;
done:
    if (walk.parser != NULL)
        XML_ParserFree(walk.parser);
    secret_free(&walk.text);
    return result;
}
