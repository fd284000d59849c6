"""An operation for every root field of the schema, as a client would write it."""

SMS_STATUS = "{ blocked reason overridable message }"
PATIENT = """{
  id recordNumber firstName lastName birthDate mobile mobileTyped mobileProblem
  consentCheckedAt consentCheckedBy
}"""
REFUSALS = "{ reason count }"
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"
CATEGORY = "{ id name reasons urgencies smsTemplate automated steps }"
PREFERENCES = """{
  firstContactDays smsRepeatDays letterRepeatDays phoneRepeatDays sendFrom sendUntil
}"""
PRACTICE = f"{{ id name timeZone pms {{ product consentReadable }} preferences {PREFERENCES} }}"
ATTEMPT = f"""{{
  id kind trigger state refusal {SMS_STATUS} overridden cancellation failure lookedUp mobile
  body note actor
  actorKind actorId
  createdAt settledAt recalls {{ id state }}
}}"""
RECALL = f"""{{
  id reason urgency dueDate state tab backOn smsStatus {SMS_STATUS} attempts {ATTEMPT}
  category {CATEGORY}
  patient {{ id firstName lastName birthDate mobile sharesMobileWith {PATIENT} }}
}}"""
BLOCKED = f"""{{
  id mobile blockedRecalls note alreadyHandedOver patients {PATIENT}
  history {{ at actor actorKind actorId source blockedRecalls listed note }}
}}"""
RUN = f"""{{
  id trigger state startedAt finishedAt heldUntil stoppedAt actor actorKind actorId
  planned queued sent refused failed unknown cancelled skipped refusals {REFUSALS}
  attempts(first: 100) {{ {PAGE} edges {{ cursor node {ATTEMPT} }} nodes {{ id }} }}
}}"""
TEXT = "{ body segments encoding beyondGsm7 }"
TOKEN = """{
  id name role createdAt createdBy expiresAt revokedAt revokedBy lastUsedAt lastUsedFrom
}"""
PERSON = "{ id name role lastUsedAt lastUsedFrom revokedAt revokedBy }"
SESSION = "{ id startedAt lastUsedAt lastUsedFrom endsAt current }"
SYNCED = """{
  __typename
  ... on Synced { inserted updated unchanged }
  ... on InvalidRows { message rows { index field message } }
}"""
PROBLEM = "__typename ... on Problem { message }"


CHECKS = f"""{{
  {PROBLEM} ... on ConsentChecks {{ patients {PATIENT} }} ... on UnknownPatients {{ patientIds }}
}}"""


def mutation(field: str, selection: str, given: str | None = None) -> str:
    """Return a mutation with the variable ``input``, by default of a type named after the field."""
    given = given or f"{field[0].upper()}{field[1:]}Input!"
    return f"mutation ($input: {given}) {{ {field}(input: $input) {selection} }}"


OPERATIONS = {
    "node": f"""query ($id: ID!) {{ node(id: $id) {{
      __typename id
      ... on Recall {RECALL} ... on Patient {PATIENT} ... on Category {CATEGORY}
      ... on BlockedCommunication {{ blockedRecalls }} ... on Practice {PRACTICE}
      ... on ContactAttempt {{ attemptState: state }} ... on Run {{ runState: state }}
    }} }}""",
    "viewer": f"{{ viewer {{ id actorId name role practice {PRACTICE} }} }}",
    "practice": f"{{ practice {PRACTICE} }}",
    "recalls": f"""query ($tab: RecallTab, $filter: RecallFilter, $first: Int, $after: String) {{
      recalls(tab: $tab, filter: $filter, first: $first, after: $after) {{
        {PAGE} edges {{ cursor node {{ id }} }} nodes {RECALL}
      }}
    }}""",
    "recallCounts": """query ($filter: RecallFilter) {
      recallCounts(filter: $filter) { toAction calls letters needsAttention waiting all }
    }""",
    "categories": f"{{ categories {CATEGORY} }}",
    "blockedCommunications": f"""query ($search: String, $first: Int, $after: String) {{
      blockedCommunications(search: $search, first: $first, after: $after) {{
        {PAGE} edges {{ cursor node {{ id }} }} nodes {BLOCKED}
      }}
    }}""",
    "runs": f"""query ($first: Int, $after: String) {{
      runs(first: $first, after: $after) {{
        {PAGE} edges {{ cursor node {{ id }} }} nodes {RUN}
      }}
    }}""",
    "accessTokens": f"{{ accessTokens {TOKEN} }}",
    "people": f"{{ people {PERSON} }}",
    "sessions": f"{{ sessions {SESSION} }}",
    "auditEvents": f"""query ($filter: AuditFilter, $first: Int, $after: String) {{
      auditEvents(filter: $filter, first: $first, after: $after) {{
        {PAGE} edges {{ cursor node {{ id }} }} nodes {{
          id at actor actorKind actorId role origin action subject details patient {{ id lastName }}
        }}
      }}
    }}""",
    "peopleShown": f"""query ($first: Int, $after: String) {{
      peopleShown(first: $first, after: $after) {{
        {PAGE} edges {{ cursor node {{ hour }} }}
        nodes {{ id hour actor actorKind actorId people lists searches }}
      }}
    }}""",
    "automatedRunPreview": f"""{{ automatedRunPreview {{
      messages recalls segments overridden refusals {REFUSALS} nextRunAt
    }} }}""",
    "sendPreview": f"""query ($recallIds: [ID!]!, $drafts: Int! = 3) {{
      sendPreview(recallIds: $recallIds, drafts: $drafts) {{
        {PROBLEM} ... on UnknownRecalls {{ recallIds }}
        ... on SendPreview {{
          messages segments toConfirm {REFUSALS} refusals {REFUSALS} skipped
          drafts {{ patient {PATIENT} mobile recalls text {TEXT} }}
        }}
      }}
    }}""",
    "templatePreview": f"""query ($template: String!, $reason: String) {{
      templatePreview(template: $template, reason: $reason) {{
        {PROBLEM} ... on SmsText {TEXT} ... on InvalidTemplate {{ unknownPlaceholders }}
      }}
    }}""",
    "checkMobile": f"""query ($mobile: String!) {{
      checkMobile(mobile: $mobile) {{
        {PROBLEM} ... on InvalidMobile {{ mobile }}
        ... on MobileCheck {{ mobile patients {PATIENT} blockedCommunication {BLOCKED} }}
      }}
    }}""",
    "blockMobile": mutation(
        "blockMobile",
        f"{{ {PROBLEM} ... on BlockedCommunication {BLOCKED} ... on InvalidMobile {{ mobile }} }}",
    ),
    "setBlockedRecalls": mutation(
        "setBlockedRecalls", f"{{ {PROBLEM} ... on BlockedCommunication {BLOCKED} }}"
    ),
    "removeBlockedMobile": mutation(
        "removeBlockedMobile", f"{{ {PROBLEM} ... on Removed {{ mobile }} }}", "MobileInput!"
    ),
    "recordConsentChecks": mutation("recordConsentChecks", CHECKS, "PatientIdsInput!"),
    "removeConsentChecks": mutation("removeConsentChecks", CHECKS, "PatientIdsInput!"),
    "sendRecalls": mutation(
        "sendRecalls",
        f"""{{
          {PROBLEM} ... on Run {RUN} ... on UnknownRecalls {{ recallIds }}
          ... on NothingToSend {{ refusals {REFUSALS} }}
          ... on ConsentConfirmationRequired {{ recalls {{ id }} sendable refusals {REFUSALS} }}
        }}""",
    ),
    "startAutomatedRun": mutation(
        "startAutomatedRun",
        f"{{ {PROBLEM} ... on Run {RUN} ... on NothingToSend {{ refusals {REFUSALS} }} }}",
    ),
    "stopRun": mutation("stopRun", f"{{ {PROBLEM} ... on Run {RUN} }}"),
    "recordContactAttempt": mutation(
        "recordContactAttempt",
        f"""{{
          {PROBLEM} ... on ContactAttempt {ATTEMPT} ... on UnknownRecalls {{ recallIds }}
          ... on ContactNotRecorded {{ recall {{ id state }} }}
        }}""",
    ),
    "recordContactAttempts": mutation(
        "recordContactAttempts",
        f"""{{
          {PROBLEM} ... on UnknownRecalls {{ recallIds }}
          ... on ContactsRecorded {{ attempts {ATTEMPT} leftOut {{ id state }} }}
        }}""",
    ),
    "undoContactAttempts": mutation(
        "undoContactAttempts",
        f"""{{
          {PROBLEM} ... on Undone {{ attempts {ATTEMPT} }}
          ... on UnknownContactAttempts {{ attemptIds }}
        }}""",
        "ContactAttemptIdsInput!",
    ),
    "reopenRecalls": mutation(
        "reopenRecalls",
        f"""{{
          {PROBLEM} ... on Reopened {{ recalls {{ id state }} }}
          ... on UnknownRecalls {{ recallIds }}
        }}""",
        "RecallIdsInput!",
    ),
    "markNoFurtherAction": mutation(
        "markNoFurtherAction",
        f"""{{
          {PROBLEM} ... on Marked {{ recalls {{ id state }} }} ... on UnknownRecalls {{ recallIds }}
        }}""",
        "RecallIdsInput!",
    ),
    "saveCategory": mutation(
        "saveCategory",
        f"""{{
          {PROBLEM} ... on Category {CATEGORY} ... on InvalidTemplate {{ unknownPlaceholders }}
        }}""",
    ),
    "savePreferences": mutation(
        "savePreferences", f"{{ {PROBLEM} ... on Preferences {PREFERENCES} }}"
    ),
    "createToken": mutation(
        "createToken", f"{{ {PROBLEM} ... on CreatedToken {{ secret accessToken {TOKEN} }} }}"
    ),
    "revokeToken": mutation("revokeToken", f"{{ {PROBLEM} ... on AccessToken {TOKEN} }}"),
    "revokePerson": mutation("revokePerson", f"{{ {PROBLEM} ... on Person {PERSON} }}"),
    "restorePerson": mutation("restorePerson", f"{{ {PROBLEM} ... on Person {PERSON} }}"),
    "startSession": f"""mutation {{ startSession {{
      {PROBLEM} ... on SessionStarted {{ secret session {SESSION} }}
    }} }}""",
    "endSession": mutation(
        "endSession", f"{{ {PROBLEM} ... on SessionEnded {{ id }} }}", "EndSessionInput"
    ),
    "syncPatients": mutation("syncPatients", SYNCED, "[PatientInput!]!"),
    "syncRecalls": mutation("syncRecalls", SYNCED, "[RecallInput!]!"),
    "runProgress": f"subscription ($id: ID!) {{ runProgress(runId: $id) {RUN} }}",
    "changes": "subscription { changes }",
}

BLOCK = OPERATIONS["blockMobile"]
TICK = OPERATIONS["setBlockedRecalls"]
UNLIST = OPERATIONS["removeBlockedMobile"]
SEND = OPERATIONS["sendRecalls"]
AUTOMATE = OPERATIONS["startAutomatedRun"]
CLOSE = OPERATIONS["markNoFurtherAction"]
RECALLS = OPERATIONS["recalls"]
NODE = OPERATIONS["node"]
PROGRESS = OPERATIONS["runProgress"]
STOP = OPERATIONS["stopRun"]
CHANGES = OPERATIONS["changes"]
PREVIEW = OPERATIONS["sendPreview"]
