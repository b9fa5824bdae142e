/*
 * One call of an AWS operation: signed by aws-session-sign, sent by
 * aws-session-sts. Steps 5 and 6 of the way of a session.
 *
 * Part of aws-session. Retries and the correction of the clock are here and
 * nowhere else; a request that carries an MFA code gets neither.
 */
#ifndef AWS_SESSION_AWS_CALL_H
#define AWS_SESSION_AWS_CALL_H

#include "config/profile.h"
#include "exit_status.h"
#include "helper.h"

/* Who signs. Nothing is owned. */
struct aws_signer {
    const char *stored_profile; /* the stored key of this profile, or NULL: */
    const char *access_key_id;
    const struct secret *secret_access_key;
    const struct secret *session_token; /* NULL for a long-lived key */
};

/* An operation and its parameters; NULL or 0 where it takes none. */
struct aws_request {
    enum operation operation;
    const struct endpoint *endpoint;
    struct aws_signer signer;
    unsigned duration; /* seconds */
    const char *serial_number;
    const struct secret *token_code;
    const struct role *role;
    const char *marker;
    const char *user_name;     /* of IAM */
    const char *target_key_id; /* the access key that is acted on */
    const char *status;        /* "Active" or "Inactive" */
    const char *device_name;   /* of a virtual MFA device to make */
    const struct secret *first_code, *second_code; /* of one to enable */
};

/* What the signer says of a request before it signs it. */
struct aws_description {
    char access_key_id[129];
    enum protection protection;
    int64_t content_length;
};

/* Why a call failed. */
struct aws_error {
    enum sts_error kind; /* 0: on our own side, before anything was sent */
    bool sent;           /* a byte of the request may have left */
    int http_status;
    char code[129];      /* <Code> of AWS, "" if none */
    char message[2049];  /* <Message> of AWS, "" if none */
    int64_t server_date; /* seconds since 1970 UTC, 0 if unknown */
};

/* The way to AWS. Initialise with AWS_CLOSED. */
struct aws {
    struct helper sender;
    const char *ca_bundle;    /* not owned; NULL for the system's */
    enum exit_status failure; /* of the last call: what a command that gives
                                 up now ends with; EXIT_DONE after none */
};

#define AWS_CLOSED(bundle)                                                    \
    {                                                                         \
        .sender = HELPER_NONE, .ca_bundle = (bundle)                          \
    }

/*
 * Ask the signer whether it would sign the request. Its token_code may be
 * NULL although one is to come: the description counts one.
 * Returns 0, or -1 with the report filled.
 */
int aws_describe(const struct aws_request *request,
                 struct aws_description *description, struct report *report);

/*
 * Begin to open the connection for a request with a body of content_length
 * bytes; does not wait. Returns 0, or -1 with the report filled.
 */
int aws_open(struct aws *aws, const struct aws_request *request,
             int64_t content_length, struct report *report);

/*
 * Sign the request now, send it over what aws_open began, and receive the
 * answer. Once only. Returns 0 with the answer, or -1 with the error and the
 * report filled.
 */
int aws_send(struct aws *aws, const struct aws_request *request,
             struct message *answer, struct aws_error *error,
             struct report *report);

/*
 * Receive what the sender has to say before anything was sent: after its
 * descriptor became readable. Always an error; returns -1.
 */
int aws_receive_early(struct aws *aws, const struct aws_request *request,
                      struct aws_error *error, struct report *report);

/*
 * A whole call of a request without an MFA code: at most three tries when AWS
 * throttles or is broken, and one more after the clock was corrected.
 * CreateAccessKey and CreateVirtualMFADevice are sent again only when AWS
 * refused to look at them: each one that is carried out makes something whose
 * secret is in its answer. Returns as aws_send does.
 */
int aws_call(struct aws *aws, const struct aws_request *request,
             struct message *answer, struct aws_error *error,
             struct report *report);

/*
 * The same, once: no retry, and the clock is not corrected. *answer may hold
 * the date of AWS's clock (FIELD_SERVER_DATE).
 */
int aws_call_once(struct aws *aws, const struct aws_request *request,
                  struct message *answer, struct aws_error *error,
                  struct report *report);

/*
 * If the error came from a clock that is off: take AWS's time from now on,
 * fill the report with a sentence that says by how much, and return true. A
 * clock that is off by a day is not made up for, since the signer signs no
 * such request: then only the report is filled.
 */
bool aws_correct_clock(const struct aws_error *error, struct report *report);

/* End the sender. */
void aws_close(struct aws *aws);

#endif
