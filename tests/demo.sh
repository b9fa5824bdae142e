#!/bin/sh
# The main job of aws-session without an AWS account: ./bootstrap demo.
#
# Starts the STS/IAM emulator on loopback over TLS, with a user, an access key
# and a virtual MFA device; keeps the key in the kernel keyring; then gets one
# session in the real way. Takes away all that it made.
set -eu

build=$(cd "$1" && pwd)
tests=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3
[ -x "$python" ] || python=python3
profile=demo
dir=$(mktemp -d "${TMPDIR:-/tmp}/aws-session-demo.XXXXXX")
emulator=

forget_keys() {
    # Everything of the demo's profile, and what was noted about its device.
    account=$("$python" -c 'import json, sys
print(json.load(open(sys.argv[1]))["account"])' "$dir/server.json" \
        2>/dev/null || echo 'no account')
    keyctl rlist @u 2>/dev/null | tr ' ' '\n' | while read -r key; do
        [ -n "$key" ] || continue
        case $(keyctl rdescribe "$key" 2>/dev/null) in
        *";aws-session:parent:$profile" | *";aws-session:session:$profile:"* | \
            *";aws-session:note:"*"$account"*)
            keyctl unlink "$key" @u >/dev/null 2>&1 || :
            ;;
        esac
    done
}

clean_up() {
    trap - EXIT INT TERM HUP
    if [ -n "$emulator" ]; then
        kill "$emulator" 2>/dev/null || :
        wait "$emulator" 2>/dev/null || :
    fi
    forget_keys
    rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The emulator ends when nobody writes to its standard input any more: also
# when this script is killed. Descriptor 9 is ours alone.
start_emulator() {
    mkfifo "$dir/lifeline"
    "$python" "$tests/emulator.py" serve --stdin-lifeline --dir "$dir" \
        --users "$profile" <"$dir/lifeline" >"$dir/emulator.out" 2>&1 &
    emulator=$!
    exec 9>"$dir/lifeline"
    tries=0
    until [ -s "$dir/emulator.out" ] && [ -s "$dir/server.json" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ] || ! kill -0 "$emulator" 2>/dev/null; then
            cat "$dir/emulator.out" >&2
            echo 'demo: the emulator did not start' >&2
            exit 1
        fi
        sleep 0.1
    done
}

# user_field EXPRESSION: of the demo user in the emulator's description
user_field() {
    "$python" -c 'import json, sys
server = json.load(open(sys.argv[1]))
user = server["users"][sys.argv[2]]
print(eval(sys.argv[3]))' "$dir/server.json" "$profile" "$1"
}

# The key goes to the keyring by a pipe, not by an argument.
store_key() {
    id=$(user_field 'user["keys"][0]["access_key_id"]')
    if user_field '"%(access_key_id)s\n%(secret_access_key)s" % user["keys"][0]' |
        keyctl padd user "aws-session:parent:$profile" @u \
            >/dev/null 2>"$dir/keyctl.err"; then
        echo "Access key $id of user $profile is in the kernel keyring."
        return
    fi
    echo "No kernel keyring here ($(cat "$dir/keyctl.err")):" \
        "the key goes to a file."
    (
        umask 077
        user_field '"[demo]\naws_access_key_id = %(access_key_id)s\naws_secret_access_key = %(secret_access_key)s" % user["keys"][0]' \
            >"$dir/credentials"
    )
}

show_authenticator() {
    "$python" "$tests/emulator.py" code --dir "$dir" --user "$profile" |
        while read -r code left; do
            printf '\n    +-- authenticator app -----------------+\n'
            printf '    |  %s   AWS:%-22s |\n' "$code" "$profile"
            printf '    +--------------- %2s s left ------------+\n\n' "$left"
        done
    echo "Too late for it? In another terminal:" \
        "$python '$tests/emulator.py' code --dir '$dir'"
}

open_shell() {
    echo "Opening: aws-session shell   (type the code that is shown above)"
    if command -v aws >/dev/null; then
        echo "Try in it: aws --endpoint-url \$AWS_ENDPOINT_URL sts" \
            "get-caller-identity; leave it with exit."
    fi
    status=0
    aws-session shell 9>&- || status=$?
    echo "The shell ended with status $status; cleaning up."
}

show_session() {
    code=$("$python" "$tests/emulator.py" code --dir "$dir" --user "$profile")
    AWS_SESSION_MFA_CODE=${code%% *}
    export AWS_SESSION_MFA_CODE
    echo '$ aws-session exec env | grep ^AWS_    (secrets shortened)'
    aws-session exec env |
        sed -n 's/^\(AWS_[A-Z_]*\(KEY\|TOKEN\)=........\).*/\1.../p
            t
            /^AWS_/p' | sort
    unset AWS_SESSION_MFA_CODE
    if command -v aws >/dev/null; then
        echo
        echo '$ aws-session exec aws sts get-caller-identity'
        # --endpoint-url: older AWS CLIs do not read AWS_ENDPOINT_URL.
        aws-session exec aws --endpoint-url "$AWS_ENDPOINT_URL" \
            sts get-caller-identity
    fi
}

start_emulator
echo "An STS/IAM emulator is at $(sed -n 's/^ready //p' "$dir/emulator.out")."
printf '[profile %s]\nregion = eu-central-1\nmfa_serial = %s\n' "$profile" \
    "$(user_field 'user["mfa"][0]["serial"]')" >"$dir/config"
store_key

# No AWS setting of the person gets into the demo.
for name in $(env | sed -n 's/^\(AWS_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done
AWS_CONFIG_FILE=$dir/config
AWS_SHARED_CREDENTIALS_FILE=$dir/credentials
AWS_ENDPOINT_URL=$(sed -n 's/^ready //p' "$dir/emulator.out")
AWS_ENDPOINT_URL_STS=$AWS_ENDPOINT_URL
AWS_CA_BUNDLE=$dir/ca.pem
AWS_DEFAULT_PROFILE=$profile
AWS_EC2_METADATA_DISABLED=true
AWS_PAGER=
PATH=$build/tests:$PATH
export AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_ENDPOINT_URL \
    AWS_ENDPOINT_URL_STS AWS_CA_BUNDLE AWS_DEFAULT_PROFILE \
    AWS_EC2_METADATA_DISABLED AWS_PAGER PATH

if [ -t 0 ] && [ -t 1 ]; then
    show_authenticator
    open_shell
else
    show_session
fi
