/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the library and kr-secret-helper, which are always of one release, agree on. Jobs: add (with
 * the account's record on standard input), issue ID KIND [force], revoke ID, clock ID, unlock. The
 * answer is a record of type answer on standard output. */
#define KR_SECRET_ISSUER_ADD "add"
#define KR_SECRET_ISSUER_ISSUE "issue"
#define KR_SECRET_ISSUER_REVOKE "revoke"
#define KR_SECRET_ISSUER_CLOCK "clock"
#define KR_SECRET_ISSUER_UNLOCK "unlock"

/* The helper inherits the ledger's lock as this descriptor, except for clock and unlock. */
#define KR_SECRET_ISSUER_LOCK_FD 3

/* In the answer: the error; there is none if the code is 0 or missing. */
#define KR_SECRET_ISSUER_CODE "code"
#define KR_SECRET_ISSUER_MESSAGE "message"
#define KR_SECRET_ISSUER_BROKER_CODE "broker_code"
#define KR_SECRET_ISSUER_RETRY_AFTER "retry_after"

/* In the answer: a token's warning; a KrSecretRevokeResult; seconds the local clock is ahead. */
#define KR_SECRET_ISSUER_WARNING "warning"
#define KR_SECRET_ISSUER_RESULT "result"
#define KR_SECRET_ISSUER_AHEAD "ahead"
