/*
 * The messages between aws-session, aws-session-sign and aws-session-sts:
 * their types, their fields, and which field each type takes (protocol.c).
 *
 * The way of one call:
 *
 *     aws-session --- SIGN_REQUEST ---> aws-session-sign
 *                 <-- SIGN_RESULT ----  (or SIGN_REFUSED), and it is gone
 *     aws-session --- STS_OPEN -------> aws-session-sts (opens the connection)
 *                 --- STS_SEND -------> (sends the signed request)
 *                 <-- STS_IDENTITY, STS_SESSION, STS_MFA_DEVICES,
 *                     STS_ACCESS_KEY(S), STS_DONE, STS_ERROR
 *
 *     aws-session --- KEY_STORE, KEY_REMOVE ---> aws-session-sign
 *                 <-- KEY_DONE --------------   (or SIGN_REFUSED)
 *
 *     a child of aws-session that gets a session for it (session_child.h)
 *                 --- SESSION_ASKING --> a person is asked, or has answered
 *                 --- SESSION_TOLD ----> what else the login needs to know
 *                 --- SESSION_GOT -----> (or SESSION_FAILED), and it is gone
 *
 * SIGN_DESCRIBE asks the signer for everything but the signature: whether it
 * would sign, with which key, and how long the body would be, so that errors
 * come before a person types a code and the connection can be made ready. It
 * takes the fields of SIGN_REQUEST; the code, of which only the length
 * matters, may be any six digits. One process of the signer serves one
 * message; one process of the sender serves calls until its socket closes.
 */
#ifndef AWS_SESSION_PROTOCOL_H
#define AWS_SESSION_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_type {
    MESSAGE_SIGN_DESCRIBE = 1,
    MESSAGE_SIGN_REQUEST,
    MESSAGE_SIGN_DESCRIBED,
    MESSAGE_SIGN_RESULT,
    MESSAGE_SIGN_REFUSED,
    MESSAGE_STS_OPEN,
    MESSAGE_STS_SEND,
    MESSAGE_STS_IDENTITY,
    MESSAGE_STS_SESSION,
    MESSAGE_STS_MFA_DEVICES,
    MESSAGE_STS_ERROR,
    MESSAGE_KEY_STORE,
    MESSAGE_KEY_REMOVE,
    MESSAGE_KEY_DONE,
    MESSAGE_STS_ACCESS_KEY,
    MESSAGE_STS_ACCESS_KEYS,
    MESSAGE_STS_DONE,
    MESSAGE_SESSION_ASKING,
    MESSAGE_SESSION_TOLD,
    MESSAGE_SESSION_GOT,
    MESSAGE_SESSION_FAILED
};

/* The AWS operations that exist for us, as FIELD_OPERATION carries them. */
enum operation {
    OPERATION_GET_CALLER_IDENTITY = 1,
    OPERATION_GET_SESSION_TOKEN,
    OPERATION_ASSUME_ROLE,
    OPERATION_LIST_MFA_DEVICES,
    OPERATION_CREATE_ACCESS_KEY,
    OPERATION_UPDATE_ACCESS_KEY,
    OPERATION_DELETE_ACCESS_KEY,
    OPERATION_LIST_ACCESS_KEYS
};

/* FIELD_REFUSAL: what a caller of the signer can act on. */
enum refusal {
    REFUSAL_BAD_FIELD = 1, /* a value is out of range or of the wrong shape */
    REFUSAL_NO_KEY,        /* no stored key of that profile */
    REFUSAL_BAD_KEY,       /* a stored key that is not ours to use */
    REFUSAL_INTERNAL,      /* no memory, no entropy, no clock */
    REFUSAL_POLICY,        /* /etc/aws-session.conf does not allow it */
    REFUSAL_EXISTS,        /* a key of that profile is stored already */
    REFUSAL_FULL           /* the key quota is used up */
};

/* FIELD_PROTECTION: who could read the key that signed. */
enum protection {
    PROTECTION_INLINE = 1, /* it came in the message, from the caller */
    PROTECTION_USER,       /* stored, owned by the user */
    PROTECTION_SERVICE     /* stored, owned by the service user */
};

/* FIELD_ERROR: what a caller of the sender can act on. */
enum sts_error {
    STS_ERROR_UNREACHABLE = 1, /* name, route, refused, timeout to connect */
    STS_ERROR_TLS,        /* certificate not trusted, expired, wrong host */
    STS_ERROR_TIMEOUT,    /* sent, and no whole answer in time */
    STS_ERROR_CLOSED,     /* connection lost; see FIELD_SENT */
    STS_ERROR_BAD_ANSWER, /* redirect, too long, not XML, fields missing */
    STS_ERROR_THROTTLED,  /* AWS asks to come back later */
    STS_ERROR_SERVER,     /* 5xx */
    STS_ERROR_AWS,        /* any other error of AWS: see FIELD_AWS_CODE */
    STS_ERROR_LOCAL       /* our own side: bad CA bundle, no memory */
};

enum message_field {
    /* What to sign */
    FIELD_OPERATION = 1, /* number: enum operation */
    FIELD_HOST,          /* text: Host header, with a port if not 443/80 */
    FIELD_PATH,          /* text: begins with '/', sent as it stands */
    FIELD_REGION,        /* text: the region of the signature's scope */
    FIELD_CLOCK_OFFSET,  /* number: seconds to add to the local clock */
    FIELD_PROFILE,       /* text: sign with this profile's stored key ... */
    FIELD_ACCESS_KEY_ID, /* text: ... or with this key */
    FIELD_SECRET_ACCESS_KEY, /* bytes */
    FIELD_SESSION_TOKEN,     /* bytes: with temporary credentials only */
    /* Parameters of the operation, named as AWS names them */
    FIELD_DURATION_SECONDS,  /* number */
    FIELD_SERIAL_NUMBER,     /* text */
    FIELD_TOKEN_CODE,        /* bytes: six digits */
    FIELD_ROLE_ARN,          /* text */
    FIELD_ROLE_SESSION_NAME, /* text */
    FIELD_EXTERNAL_ID,       /* text */
    FIELD_MARKER,            /* text: pagination of a list */
    FIELD_USER_NAME,         /* text: of IAM */
    FIELD_TARGET_KEY_ID,     /* text: the access key that is acted on */
    FIELD_STATUS,            /* text: Active or Inactive */
    /* Keeping a key: with PROFILE, and KEY_STORE with the key */
    FIELD_REPLACE, /* number: 1 to take the place of a stored key */
    /* A signed request */
    FIELD_AMZ_DATE,       /* text: the X-Amz-Date header */
    FIELD_AUTHORIZATION,  /* text: the Authorization header */
    FIELD_BODY,           /* bytes: the form-encoded body */
    FIELD_CONTENT_LENGTH, /* number: bytes of the body */
    FIELD_PROTECTION,     /* number: enum protection */
    FIELD_REFUSAL,        /* number: enum refusal */
    FIELD_TEXT,           /* text: one sentence for the person */
    /* How to reach AWS */
    FIELD_ORIGIN,          /* text: scheme://host[:port] */
    FIELD_CA_BUNDLE,       /* text: a PEM file or directory */
    FIELD_PROXY,           /* text: URL */
    FIELD_NO_PROXY,        /* text: list of hosts */
    FIELD_CONNECT_TIMEOUT, /* number: milliseconds */
    FIELD_REQUEST_TIMEOUT, /* number: milliseconds from SEND to the end */
    /* Answers */
    FIELD_ACCOUNT,     /* text */
    FIELD_ARN,         /* text */
    FIELD_USER_ID,     /* text */
    FIELD_EXPIRATION,  /* number: seconds since 1970 UTC */
    FIELD_DEVICE,      /* text, repeated: serial numbers of MFA devices */
    FIELD_KEY,         /* text, repeated: "KEYID STATUS CREATED" */
    FIELD_ERROR,       /* number: enum sts_error */
    FIELD_HTTP_STATUS, /* number: 0 when there was no answer */
    FIELD_AWS_CODE,    /* text: <Code> of an AWS error */
    FIELD_AWS_MESSAGE, /* text: <Message> of an AWS error */
    FIELD_REQUEST_ID,  /* text */
    FIELD_SERVER_DATE, /* number: the Date header, seconds since 1970 UTC */
    FIELD_SENT,        /* number: 1 if a byte of the request may have left */
    FIELD_TIMING,      /* text: for --debug, "dns 1.2 tcp 3.4 ..." in ms */
    /* From the child that gets a session */
    FIELD_ASKING,      /* number: 1 if a person is being asked, else 0 */
    FIELD_IN_FILES,    /* number: 1 if the profile is in the AWS files */
    FIELD_EXIT_STATUS, /* number: enum exit_status */
    FIELD_ABOUT,       /* number: what the text is, enum login_told */
    /* Keeping a key, once more */
    FIELD_LIFETIME, /* number: seconds; the policy may know a shorter one */
    FIELD_COUNT
};

enum field_kind { KIND_TEXT = 1, KIND_BYTES, KIND_NUMBER };

/* How often a field stands in a type. */
enum field_use { USE_REQUIRED = 1, USE_OPTIONAL, USE_REPEATED };

/* The kind and the largest length of a value, whichever message it is in. */
struct field_rule {
    enum field_kind kind;
    uint32_t max_length; /* bytes */
};

/* NULL for an unknown field id. */
const struct field_rule *protocol_field(unsigned field);

/* Whether a type exists at all. */
bool protocol_has_type(unsigned type);

/* How a field stands in a type; 0 if the type does not take it. */
enum field_use protocol_use(unsigned type, unsigned field);

#endif
