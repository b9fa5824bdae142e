/*
 * An XML document from the network, walked element by element.
 *
 * Part of aws-session-sts. Knows expat and the limits, and nothing of AWS.
 * Elements are named by their path of local names ("Response/Result/Arn"):
 * prefixes, namespaces and attributes are dropped. A document type
 * declaration is refused, so that there are no entities to expand.
 */
#ifndef AWS_SESSION_DOCUMENT_H
#define AWS_SESSION_DOCUMENT_H

#include "report.h"
#include "secret.h"

#include <stdbool.h>
#include <stddef.h>

/* What its reader does at an element; both return 0, or -1 with the report
 * filled to stop the walk. */
struct document_visitor {
    /*
     * An element begins. Set *limit to the bytes of its own text that are
     * wanted; it is 0, for none, before the call.
     */
    int (*enter)(void *context, const char *path, size_t *limit,
                 struct report *report);
    /*
     * An element with a limit ends. The text is without the blanks around
     * it, in memory that is wiped later; too_long if it was over the limit,
     * of which at least the beginning up to the limit is there.
     */
    int (*leave)(void *context, const struct secret *text, bool too_long,
                 struct report *report);
};

/*
 * Walk a document to its end. Elements with a limit do not nest: inside of
 * one, other elements are passed over. Returns 0, or -1 with the report
 * filled: "it is not XML (...)" and the like, half a sentence.
 */
int document_walk(const void *xml, size_t length,
                  const struct document_visitor *visitor, void *context,
                  struct report *report);

#endif
