-- Tables, indexes, constraints, triggers and policies as the migrations leave them: to be read, not
-- run. `make schema` writes this file, and a test fails if it has drifted. Functions are in sql/.

CREATE TABLE public.category_links (
    practice_id integer NOT NULL,
    category_id bigint NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    "position" integer NOT NULL,
    link_key text GENERATED ALWAYS AS (lower(value)) STORED NOT NULL,
    CONSTRAINT category_links_kind_check CHECK ((kind = ANY (ARRAY['REASON'::text, 'URGENCY'::text]))),
    CONSTRAINT category_links_value_check CHECK ((value <> ''::text))
);

CREATE TABLE public.attempt_recalls (
    practice_id integer NOT NULL,
    attempt_id bigint NOT NULL,
    recall_id bigint NOT NULL,
    step smallint,
    round integer DEFAULT 1 NOT NULL,
    CONSTRAINT attempt_recalls_round_check CHECK ((round > 0)),
    CONSTRAINT attempt_recalls_step_check CHECK ((step > 0))
);

CREATE TABLE public.contact_attempts (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    patient_id bigint NOT NULL,
    run_id bigint,
    "position" integer,
    kind text NOT NULL,
    trigger text NOT NULL,
    state text NOT NULL,
    refusal_reason text,
    overridden_reason text,
    cancellation text,
    failure text,
    mobile text,
    body text,
    note text,
    actor text,
    reference uuid DEFAULT gen_random_uuid() NOT NULL,
    gateway_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    handed_over_at timestamp with time zone,
    settled_at timestamp with time zone,
    idempotency_key text,
    actor_kind text,
    actor_id bigint,
    CONSTRAINT contact_attempts_cancellation_check CHECK ((cancellation = ANY (ARRAY['PATIENT_CHANGED'::text, 'RECALL_COMPLETED'::text, 'NO_FURTHER_ACTION'::text, 'MOBILE_CHANGED'::text, 'NO_LONGER_DUE'::text, 'RUN_STOPPED'::text, 'CONSENT_WITHDRAWN'::text, 'UNDONE'::text]))),
    CONSTRAINT contact_attempts_check CHECK (
CASE
    WHEN (kind = 'SMS'::text) THEN (state <> 'DONE'::text)
    ELSE (state = ANY (ARRAY['DONE'::text, 'CANCELLED'::text]))
END),
    CONSTRAINT contact_attempts_check1 CHECK (((kind = 'SMS'::text) = (run_id IS NOT NULL))),
    CONSTRAINT contact_attempts_check2 CHECK (((trigger = 'AUTOMATED'::text) OR (actor IS NOT NULL))),
    CONSTRAINT contact_attempts_check3 CHECK (((state = 'REFUSED'::text) = (refusal_reason IS NOT NULL))),
    CONSTRAINT contact_attempts_check4 CHECK (((state = 'CANCELLED'::text) = (cancellation IS NOT NULL))),
    CONSTRAINT contact_attempts_check5 CHECK (((failure IS NULL) OR (state = ANY (ARRAY['FAILED'::text, 'UNDELIVERED'::text])))),
    CONSTRAINT contact_attempts_check6 CHECK (((kind <> 'SMS'::text) OR (state = 'REFUSED'::text) OR (("position" IS NOT NULL) AND (mobile IS NOT NULL) AND (body IS NOT NULL)))),
    CONSTRAINT contact_attempts_check7 CHECK (((state = ANY (ARRAY['QUEUED'::text, 'SENDING'::text, 'UNKNOWN'::text])) = (settled_at IS NULL))),
    CONSTRAINT contact_attempts_check8 CHECK (((state <> ALL (ARRAY['SENDING'::text, 'SENT'::text, 'DELIVERED'::text, 'UNDELIVERED'::text, 'UNKNOWN'::text])) OR (handed_over_at IS NOT NULL))),
    CONSTRAINT contact_attempts_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 200))),
    CONSTRAINT contact_attempts_key_check CHECK (((idempotency_key IS NULL) OR (kind <> 'SMS'::text))),
    CONSTRAINT contact_attempts_kind_check CHECK ((kind = ANY (ARRAY['SMS'::text, 'PHONE'::text, 'LETTER'::text]))),
    CONSTRAINT contact_attempts_state_check CHECK ((state = ANY (ARRAY['QUEUED'::text, 'SENDING'::text, 'SENT'::text, 'DELIVERED'::text, 'UNDELIVERED'::text, 'REFUSED'::text, 'FAILED'::text, 'UNKNOWN'::text, 'CANCELLED'::text, 'DONE'::text]))),
    CONSTRAINT contact_attempts_trigger_check CHECK ((trigger = ANY (ARRAY['MANUAL'::text, 'AUTOMATED'::text]))),
    CONSTRAINT contact_attempts_undone_check CHECK (((NOT (cancellation IS DISTINCT FROM 'UNDONE'::text)) = ((kind <> 'SMS'::text) AND (state = 'CANCELLED'::text))))
)
WITH (fillfactor='70');

CREATE TABLE public.practices (
    id integer NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    phone_region text NOT NULL,
    pms_product text NOT NULL,
    phone text NOT NULL,
    first_contact_days integer DEFAULT 14 NOT NULL,
    sms_repeat_days integer DEFAULT 3 NOT NULL,
    letter_repeat_days integer DEFAULT 10 NOT NULL,
    phone_repeat_days integer DEFAULT 2 NOT NULL,
    send_from time without time zone DEFAULT '09:00:00'::time without time zone NOT NULL,
    send_until time without time zone DEFAULT '16:00:00'::time without time zone NOT NULL,
    next_run_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT practices_check CHECK ((send_from < send_until)),
    CONSTRAINT practices_first_contact_days_check CHECK (((first_contact_days >= 0) AND (first_contact_days <= 365))),
    CONSTRAINT practices_letter_repeat_days_check CHECK (((letter_repeat_days >= 1) AND (letter_repeat_days <= 365))),
    CONSTRAINT practices_name_check CHECK ((name <> ''::text)),
    CONSTRAINT practices_phone_region_check CHECK ((phone_region ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT practices_phone_repeat_days_check CHECK (((phone_repeat_days >= 1) AND (phone_repeat_days <= 365))),
    CONSTRAINT practices_pms_product_check CHECK ((pms_product = ANY (ARRAY['BEST_PRACTICE'::text, 'MEDICAL_DIRECTOR'::text, 'GENIE'::text, 'ZEDMED'::text, 'OTHER'::text]))),
    CONSTRAINT practices_sms_repeat_days_check CHECK (((sms_repeat_days >= 1) AND (sms_repeat_days <= 365))),
    CONSTRAINT practices_time_zone_check CHECK ((('2026-01-01 00:00:00+00'::timestamp with time zone AT TIME ZONE time_zone) IS NOT NULL))
);

CREATE FUNCTION public.searchable(written text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(replace(replace(translate(regexp_replace(NORMALIZE(lower((written COLLATE pg_c_utf8)), NFKD), '[\u0300-\u036F]'::text, ''::text, 'g'::text), 'øłđħı'::text, 'oldhi'::text), 'ß'::text, 'ss'::text), 'æ'::text, 'ae'::text), 'œ'::text, 'oe'::text);

CREATE FUNCTION public.name_words(practice integer, first_name text, last_name text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(string_to_array(((practice || ':'::text) || regexp_replace(((((((public.searchable(((first_name || ' '::text) || last_name)) || ' '::text) || regexp_replace(public.searchable(((first_name || ' '::text) || last_name)), '[^\w\s]'::text, ''::text, 'g'::text)) || ' '::text) || regexp_replace(public.searchable(first_name), '\W'::text, ''::text, 'g'::text)) || ' '::text) || regexp_replace(public.searchable(last_name), '\W'::text, ''::text, 'g'::text)), '\W+'::text, ((' '::text || practice) || ':'::text), 'g'::text)), ' '::text));

CREATE TABLE public.blocked_communications (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    mobile text NOT NULL COLLATE pg_catalog."C",
    blocked_recalls boolean NOT NULL,
    note text,
    already_handed_over integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT blocked_communications_already_handed_over_check CHECK ((already_handed_over >= 0)),
    CONSTRAINT blocked_communications_mobile_check CHECK ((mobile ~ '^\+[1-9][0-9]{6,14}$'::text)),
    CONSTRAINT blocked_communications_note_check CHECK ((note <> ''::text))
);

CREATE TABLE public.patients (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    pms_id text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    birth_date date,
    mobile text COLLATE pg_catalog."C",
    mobile_typed text,
    mobile_refusal text,
    sms_consent boolean,
    status text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    name_words tsvector GENERATED ALWAYS AS (public.name_words(practice_id, first_name, last_name)) STORED NOT NULL,
    consent_checked_mobile text COLLATE pg_catalog."C",
    consent_checked_at timestamp with time zone,
    consent_checked_by text,
    CONSTRAINT patients_check CHECK (((first_name <> ''::text) OR (last_name <> ''::text))),
    CONSTRAINT patients_check1 CHECK (
CASE
    WHEN (mobile_typed IS NULL) THEN ((mobile IS NULL) AND (mobile_refusal IS NULL))
    ELSE ((mobile IS NULL) <> (mobile_refusal IS NULL))
END),
    CONSTRAINT patients_consent_checked_check CHECK ((num_nulls(consent_checked_mobile, consent_checked_at, consent_checked_by) = ANY (ARRAY[0, 3]))),
    CONSTRAINT patients_mobile_check CHECK ((mobile ~ '^\+[1-9][0-9]{6,14}$'::text)),
    CONSTRAINT patients_mobile_refusal_check CHECK ((mobile_refusal = ANY (ARRAY['NOT_A_NUMBER'::text, 'TOO_SHORT'::text, 'TOO_LONG'::text, 'NOT_IN_USE'::text, 'NOT_A_MOBILE'::text]))),
    CONSTRAINT patients_pms_id_check CHECK ((pms_id <> ''::text)),
    CONSTRAINT patients_status_check CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'INACTIVE'::text, 'DECEASED'::text])))
);

CREATE TABLE public.categories (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    sms_template text NOT NULL,
    automated boolean NOT NULL,
    steps text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT categories_name_check CHECK ((name <> ''::text)),
    CONSTRAINT categories_sms_template_check CHECK ((sms_template <> ''::text)),
    CONSTRAINT categories_steps_check CHECK (((steps <@ ARRAY['SMS'::text, 'PHONE'::text, 'LETTER'::text]) AND (cardinality(steps) <= 20)))
);

CREATE TABLE public.recalls (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    pms_id text NOT NULL,
    patient_id bigint NOT NULL,
    reason text NOT NULL,
    urgency text,
    due_date date NOT NULL,
    completed boolean NOT NULL,
    no_further_action_at timestamp with time zone,
    no_further_action_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    sms_reason text,
    category_id bigint,
    round integer DEFAULT 1 NOT NULL,
    CONSTRAINT recalls_check CHECK (((no_further_action_at IS NULL) = (no_further_action_by IS NULL))),
    CONSTRAINT recalls_pms_id_check CHECK ((pms_id <> ''::text)),
    CONSTRAINT recalls_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT recalls_round_check CHECK ((round > 0)),
    CONSTRAINT recalls_urgency_check CHECK ((urgency <> ''::text))
);

CREATE TABLE public.chunks (
    practice_id integer NOT NULL,
    run_id bigint NOT NULL,
    "position" integer NOT NULL,
    priority smallint NOT NULL,
    state text DEFAULT 'READY'::text NOT NULL,
    not_before timestamp with time zone DEFAULT now() NOT NULL,
    claim_token uuid,
    claim_deadline timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    look_at timestamp with time zone,
    CONSTRAINT chunks_check CHECK (((state = 'CLAIMED'::text) = (claim_token IS NOT NULL))),
    CONSTRAINT chunks_check1 CHECK (((state = 'CLAIMED'::text) = (claim_deadline IS NOT NULL))),
    CONSTRAINT chunks_check2 CHECK (((state <> 'UNSURE'::text) OR (look_at IS NOT NULL))),
    CONSTRAINT chunks_check3 CHECK (((state <> 'DONE'::text) OR (look_at IS NULL))),
    CONSTRAINT chunks_priority_check CHECK ((priority = ANY (ARRAY[0, 1]))),
    CONSTRAINT chunks_state_check CHECK ((state = ANY (ARRAY['READY'::text, 'CLAIMED'::text, 'STOPPED'::text, 'UNSURE'::text, 'DONE'::text])))
)
WITH (fillfactor='70');

ALTER TABLE public.contact_attempts ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.runs (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    trigger text NOT NULL,
    state text NOT NULL,
    actor text,
    category_ids bigint[],
    idempotency_key text,
    arguments_hash bytea,
    scheduled_for timestamp with time zone,
    planned_patient bigint DEFAULT 0 NOT NULL,
    skipped integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    accepted boolean DEFAULT true NOT NULL,
    held_until timestamp with time zone,
    stopped_at timestamp with time zone,
    plan_after timestamp with time zone DEFAULT now() NOT NULL,
    actor_kind text,
    actor_id bigint,
    CONSTRAINT runs_check CHECK (((state = 'FINISHED'::text) = (finished_at IS NOT NULL))),
    CONSTRAINT runs_check1 CHECK (((idempotency_key IS NULL) = (arguments_hash IS NULL))),
    CONSTRAINT runs_check2 CHECK (((idempotency_key IS NULL) <> (scheduled_for IS NULL))),
    CONSTRAINT runs_check3 CHECK (((actor IS NULL) = (scheduled_for IS NOT NULL))),
    CONSTRAINT runs_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 200))),
    CONSTRAINT runs_state_check CHECK ((state = ANY (ARRAY['PLANNING'::text, 'SENDING'::text, 'FINISHED'::text]))),
    CONSTRAINT runs_stopped_check CHECK (((stopped_at IS NULL) OR (state <> 'PLANNING'::text))),
    CONSTRAINT runs_trigger_check CHECK ((trigger = ANY (ARRAY['MANUAL'::text, 'AUTOMATED'::text])))
);

CREATE TABLE public.access_tokens (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    created_by text,
    expires_at timestamp with time zone,
    revoked_by text,
    last_used_at timestamp with time zone,
    last_used_from text,
    for_demo boolean DEFAULT false NOT NULL,
    CONSTRAINT access_tokens_name_check CHECK ((name <> ''::text)),
    CONSTRAINT access_tokens_role_check CHECK ((role = ANY (ARRAY['ADMIN'::text, 'RECEPTIONIST'::text, 'CONNECTOR'::text]))),
    CONSTRAINT access_tokens_token_hash_check CHECK ((length(token_hash) = 32))
);

ALTER TABLE public.access_tokens ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_events (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    role text,
    origin text,
    action text NOT NULL,
    patient_id bigint,
    subject text,
    details jsonb,
    actor_kind text,
    actor_id bigint,
    CONSTRAINT audit_events_action_check CHECK ((action = ANY (ARRAY['SIGNED_IN'::text, 'SIGN_IN_REFUSED'::text, 'SESSION_STARTED'::text, 'SESSION_ENDED'::text, 'FORBIDDEN'::text, 'PATIENT_VIEWED'::text, 'RECALLS_SENT'::text, 'RUN_STOPPED'::text, 'CONSENT_OVERRIDDEN'::text, 'CONSENT_CHECKED'::text, 'CONSENT_CHECK_REMOVED'::text, 'BLOCK_CHANGED'::text, 'CONTACT_RECORDED'::text, 'CONTACT_UNDONE'::text, 'RECALLS_CLOSED'::text, 'RECALLS_REOPENED'::text, 'PMS_SYNCED'::text, 'SETUP_CHANGED'::text, 'TOKEN_CREATED'::text, 'TOKEN_REVOKED'::text, 'PERSON_REVOKED'::text, 'PERSON_RESTORED'::text, 'AUDIT_VIEWED'::text, 'AUDIT_EXPORTED'::text]))),
    CONSTRAINT audit_events_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT audit_events_role_check CHECK ((role = ANY (ARRAY['ADMIN'::text, 'RECEPTIONIST'::text, 'CONNECTOR'::text])))
);

ALTER TABLE public.audit_events ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.block_events (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    mobile text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    source text NOT NULL,
    listed boolean NOT NULL,
    blocked_recalls boolean NOT NULL,
    note text,
    actor_kind text,
    actor_id bigint,
    CONSTRAINT block_events_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT block_events_check CHECK ((listed OR (NOT blocked_recalls))),
    CONSTRAINT block_events_source_check CHECK ((source = ANY (ARRAY['STAFF'::text, 'PATIENT_REPLY'::text, 'GATEWAY'::text])))
);

ALTER TABLE public.block_events ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.block_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.blocked_communications ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.blocked_communications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.categories ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.categories_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ended_jwts (
    practice_id integer NOT NULL,
    jwt_hash bytea NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT ended_jwts_jwt_hash_check CHECK ((length(jwt_hash) = 32))
);

CREATE TABLE public.opt_outs (
    id bigint NOT NULL,
    mobile text NOT NULL,
    source text NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    blocked_in integer[] DEFAULT '{}'::integer[] NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT opt_outs_mobile_check CHECK ((mobile ~ '^\+[1-9][0-9]{6,14}$'::text)),
    CONSTRAINT opt_outs_source_check CHECK ((source = ANY (ARRAY['PATIENT_REPLY'::text, 'GATEWAY'::text])))
);

ALTER TABLE public.opt_outs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.opt_outs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.patients ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.patients_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.people (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    last_used_from text,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT people_issuer_check CHECK ((issuer <> ''::text)),
    CONSTRAINT people_name_check CHECK ((name <> ''::text)),
    CONSTRAINT people_revoked_check CHECK (((revoked_by IS NULL) OR (revoked_at IS NOT NULL))),
    CONSTRAINT people_role_check CHECK ((role = ANY (ARRAY['ADMIN'::text, 'RECEPTIONIST'::text, 'CONNECTOR'::text]))),
    CONSTRAINT people_subject_check CHECK ((subject <> ''::text))
);

ALTER TABLE public.people ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.people_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.people_shown (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    hour timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor_id bigint NOT NULL,
    people integer NOT NULL,
    lists integer NOT NULL,
    searches integer NOT NULL,
    CONSTRAINT people_shown_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text]))),
    CONSTRAINT people_shown_lists_check CHECK ((lists >= 0)),
    CONSTRAINT people_shown_people_check CHECK ((people >= 0)),
    CONSTRAINT people_shown_searches_check CHECK ((searches >= 0))
);

ALTER TABLE public.people_shown ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.people_shown_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.practices ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.practices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.recalls ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.recalls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.runs ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sessions (
    practice_id integer NOT NULL,
    id bigint NOT NULL,
    token_id bigint NOT NULL,
    secret_hash bytea NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_from text,
    idle interval NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT sessions_idle_check CHECK ((idle > '00:01:00'::interval)),
    CONSTRAINT sessions_secret_hash_check CHECK ((length(secret_hash) = 32))
);

ALTER TABLE public.sessions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.stops_heard (
    message_id text NOT NULL,
    opt_out_id bigint,
    CONSTRAINT stops_heard_message_id_check CHECK (((length(message_id) >= 1) AND (length(message_id) <= 64)))
);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_practice_id_token_hash_key UNIQUE (practice_id, token_hash);

ALTER TABLE ONLY public.attempt_recalls
    ADD CONSTRAINT attempt_recalls_pkey PRIMARY KEY (practice_id, attempt_id, recall_id);

ALTER TABLE ONLY public.attempt_recalls
    ADD CONSTRAINT attempt_recalls_practice_id_recall_id_round_step_key UNIQUE (practice_id, recall_id, round, step);

ALTER TABLE public.audit_events
    ADD CONSTRAINT audit_events_actor_check_named CHECK (((actor IS NOT NULL) OR (actor_kind IS NULL))) NOT VALID;

ALTER TABLE public.audit_events
    ADD CONSTRAINT audit_events_actor_id_check CHECK (((actor_id IS NOT NULL) = COALESCE((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text])), false))) NOT VALID;

ALTER TABLE public.audit_events
    ADD CONSTRAINT audit_events_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text, 'HOST'::text, 'PATIENT'::text, 'GATEWAY'::text, 'SCHEDULE'::text, 'STRANGER'::text]))) NOT VALID;

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE public.block_events
    ADD CONSTRAINT block_events_actor_check_named CHECK (((actor IS NOT NULL) OR (actor_kind IS NULL))) NOT VALID;

ALTER TABLE public.block_events
    ADD CONSTRAINT block_events_actor_id_check CHECK (((actor_id IS NOT NULL) = COALESCE((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text])), false))) NOT VALID;

ALTER TABLE public.block_events
    ADD CONSTRAINT block_events_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text, 'HOST'::text, 'PATIENT'::text, 'GATEWAY'::text, 'SCHEDULE'::text, 'STRANGER'::text]))) NOT VALID;

ALTER TABLE ONLY public.block_events
    ADD CONSTRAINT block_events_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.blocked_communications
    ADD CONSTRAINT blocked_communications_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.blocked_communications
    ADD CONSTRAINT blocked_communications_practice_id_mobile_key UNIQUE (practice_id, mobile);

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_practice_id_name_key UNIQUE (practice_id, name);

ALTER TABLE ONLY public.category_links
    ADD CONSTRAINT category_links_pkey PRIMARY KEY (practice_id, kind, link_key);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (practice_id, run_id, "position");

ALTER TABLE public.contact_attempts
    ADD CONSTRAINT contact_attempts_actor_check_named CHECK (((actor IS NOT NULL) OR (actor_kind IS NULL))) NOT VALID;

ALTER TABLE public.contact_attempts
    ADD CONSTRAINT contact_attempts_actor_id_check CHECK (((actor_id IS NOT NULL) = COALESCE((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text])), false))) NOT VALID;

ALTER TABLE public.contact_attempts
    ADD CONSTRAINT contact_attempts_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text, 'HOST'::text, 'PATIENT'::text, 'GATEWAY'::text, 'SCHEDULE'::text, 'STRANGER'::text]))) NOT VALID;

ALTER TABLE ONLY public.contact_attempts
    ADD CONSTRAINT contact_attempts_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.contact_attempts
    ADD CONSTRAINT contact_attempts_practice_id_reference_key UNIQUE (practice_id, reference);

ALTER TABLE ONLY public.ended_jwts
    ADD CONSTRAINT ended_jwts_pkey PRIMARY KEY (practice_id, jwt_hash);

ALTER TABLE ONLY public.opt_outs
    ADD CONSTRAINT opt_outs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.patients
    ADD CONSTRAINT patients_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.patients
    ADD CONSTRAINT patients_practice_id_pms_id_key UNIQUE (practice_id, pms_id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_practice_id_issuer_subject_key UNIQUE (practice_id, issuer, subject);

ALTER TABLE ONLY public.people_shown
    ADD CONSTRAINT people_shown_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.people_shown
    ADD CONSTRAINT people_shown_practice_id_hour_actor_kind_actor_id_key UNIQUE (practice_id, hour, actor_kind, actor_id);

ALTER TABLE ONLY public.practices
    ADD CONSTRAINT practices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recalls
    ADD CONSTRAINT recalls_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.recalls
    ADD CONSTRAINT recalls_practice_id_pms_id_key UNIQUE (practice_id, pms_id);

ALTER TABLE public.runs
    ADD CONSTRAINT runs_actor_check_named CHECK (((actor IS NOT NULL) OR (actor_kind IS NULL))) NOT VALID;

ALTER TABLE public.runs
    ADD CONSTRAINT runs_actor_id_check CHECK (((actor_id IS NOT NULL) = COALESCE((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text])), false))) NOT VALID;

ALTER TABLE public.runs
    ADD CONSTRAINT runs_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['TOKEN'::text, 'PERSON'::text, 'HOST'::text, 'PATIENT'::text, 'GATEWAY'::text, 'SCHEDULE'::text, 'STRANGER'::text]))) NOT VALID;

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_practice_id_idempotency_key_key UNIQUE (practice_id, idempotency_key);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_practice_id_scheduled_for_key UNIQUE (practice_id, scheduled_for);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (practice_id, id);

ALTER TABLE ONLY public.stops_heard
    ADD CONSTRAINT stops_heard_pkey PRIMARY KEY (message_id);

CREATE INDEX audit_events_actor ON public.audit_events USING btree (practice_id, actor, at, id);

CREATE INDEX audit_events_actor_id ON public.audit_events USING btree (practice_id, actor_kind, actor_id, at, id) WHERE (actor_id IS NOT NULL);

CREATE INDEX audit_events_at ON public.audit_events USING btree (practice_id, at, id);

CREATE INDEX audit_events_patient ON public.audit_events USING btree (practice_id, patient_id, at, id) WHERE (patient_id IS NOT NULL);

CREATE INDEX block_events_mobile ON public.block_events USING btree (practice_id, mobile, id);

CREATE INDEX category_links_category ON public.category_links USING btree (practice_id, category_id);

CREATE INDEX chunks_claimed ON public.chunks USING btree (claim_deadline) WHERE (state = 'CLAIMED'::text);

CREATE INDEX chunks_look_at ON public.chunks USING btree (look_at) WHERE (look_at IS NOT NULL);

CREATE INDEX chunks_ready ON public.chunks USING btree (priority, "position", not_before) WHERE (state = 'READY'::text);

CREATE INDEX chunks_stopped ON public.chunks USING btree (not_before) WHERE (state = 'STOPPED'::text);

CREATE INDEX contact_attempts_amiss ON public.contact_attempts USING btree (practice_id, id) WHERE (state = ANY (ARRAY['FAILED'::text, 'UNDELIVERED'::text, 'UNKNOWN'::text]));

CREATE UNIQUE INDEX contact_attempts_key ON public.contact_attempts USING btree (practice_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX contact_attempts_mobile ON public.contact_attempts USING btree (practice_id, mobile);

CREATE INDEX contact_attempts_of_run ON public.contact_attempts USING btree (practice_id, run_id, id);

CREATE INDEX contact_attempts_run ON public.contact_attempts USING btree (practice_id, run_id, "position", id);

CREATE UNIQUE INDEX opt_outs_pending ON public.opt_outs USING btree (mobile) WHERE (done_at IS NULL);

CREATE INDEX opt_outs_received ON public.opt_outs USING btree (received_at);

CREATE INDEX patients_birth_date ON public.patients USING btree (practice_id, birth_date);

CREATE INDEX patients_mobile ON public.patients USING btree (practice_id, mobile);

CREATE INDEX patients_name_words ON public.patients USING gin (name_words) WITH (fastupdate=off);

CREATE INDEX people_shown_hour ON public.people_shown USING btree (practice_id, hour, id);

CREATE INDEX practices_next_run ON public.practices USING btree (next_run_at);

CREATE INDEX recalls_blocked ON public.recalls USING btree (practice_id, due_date, id) WHERE (sms_reason IS NOT NULL);

CREATE INDEX recalls_category ON public.recalls USING btree (practice_id, category_id, due_date, id);

CREATE INDEX recalls_due ON public.recalls USING btree (practice_id, due_date, id);

CREATE INDEX recalls_not_blocked ON public.recalls USING btree (practice_id, due_date, id) WHERE (sms_reason IS NULL);

CREATE INDEX recalls_open ON public.recalls USING btree (practice_id, due_date, id) WHERE ((NOT completed) AND (no_further_action_at IS NULL));

CREATE INDEX recalls_open_groups ON public.recalls USING btree (practice_id, category_id, sms_reason, due_date) WHERE ((NOT completed) AND (no_further_action_at IS NULL));

CREATE INDEX recalls_patient ON public.recalls USING btree (practice_id, patient_id);

CREATE INDEX recalls_sms_reason ON public.recalls USING btree (practice_id, sms_reason, due_date, id) WHERE (sms_reason IS NOT NULL);

CREATE INDEX runs_planning ON public.runs USING btree (practice_id, id) WHERE (state = 'PLANNING'::text);

CREATE UNIQUE INDEX sessions_secret ON public.sessions USING btree (practice_id, secret_hash);

CREATE INDEX sessions_token ON public.sessions USING btree (practice_id, token_id, id);

CREATE TRIGGER audit_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_events FOR EACH STATEMENT EXECUTE FUNCTION triggers.reject_change_of_history();

CREATE TRIGGER block_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.block_events FOR EACH STATEMENT EXECUTE FUNCTION triggers.reject_change_of_history();

CREATE TRIGGER blocked_communications_columns AFTER INSERT OR DELETE OR UPDATE OF mobile, blocked_recalls ON public.blocked_communications FOR EACH ROW EXECUTE FUNCTION triggers.refresh_of_number();

CREATE TRIGGER blocked_communications_notify AFTER INSERT OR DELETE OR UPDATE ON public.blocked_communications FOR EACH STATEMENT EXECUTE FUNCTION triggers.notify_change('BLOCKS');

CREATE TRIGGER categories_notify AFTER INSERT OR UPDATE ON public.categories FOR EACH STATEMENT EXECUTE FUNCTION triggers.notify_change('SETUP');

CREATE TRIGGER category_links_columns_delete AFTER DELETE ON public.category_links REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION triggers.refresh_of_links();

CREATE TRIGGER category_links_columns_insert AFTER INSERT ON public.category_links REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION triggers.refresh_of_links();

CREATE TRIGGER category_links_columns_update AFTER UPDATE ON public.category_links REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION triggers.refresh_of_links();

CREATE TRIGGER contact_attempts_fate_notify AFTER UPDATE OF state ON public.contact_attempts FOR EACH ROW WHEN (((old.state <> new.state) AND ((old.state = ANY (ARRAY['UNKNOWN'::text, 'REFUSED'::text, 'CANCELLED'::text, 'UNDELIVERED'::text, 'FAILED'::text, 'DONE'::text])) OR ((old.state = 'QUEUED'::text) AND (new.state <> ALL (ARRAY['SENDING'::text, 'REFUSED'::text, 'CANCELLED'::text]))) OR ((old.state = 'SENT'::text) AND (new.state <> 'DELIVERED'::text))))) EXECUTE FUNCTION triggers.notify_change('RECALLS', 'RUNS');

CREATE TRIGGER contact_attempts_notify AFTER INSERT ON public.contact_attempts FOR EACH STATEMENT EXECUTE FUNCTION triggers.notify_change('RECALLS');

CREATE TRIGGER contact_attempts_steps AFTER UPDATE ON public.contact_attempts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION triggers.give_steps_back();

CREATE TRIGGER contact_attempts_transition BEFORE UPDATE OF state ON public.contact_attempts FOR EACH ROW WHEN (((old.state <> new.state) AND (((((((((((((((((((((((((((((((((old.state <> 'QUEUED'::text) OR (new.state <> 'SENDING'::text)) AND ((old.state <> 'QUEUED'::text) OR (new.state <> 'REFUSED'::text))) AND ((old.state <> 'QUEUED'::text) OR (new.state <> 'CANCELLED'::text))) AND ((old.state <> 'QUEUED'::text) OR (new.state <> 'SENT'::text))) AND ((old.state <> 'QUEUED'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'QUEUED'::text) OR (new.state <> 'UNDELIVERED'::text))) AND ((old.state <> 'QUEUED'::text) OR (new.state <> 'FAILED'::text))) AND ((old.state <> 'SENDING'::text) OR (new.state <> 'QUEUED'::text))) AND ((old.state <> 'SENDING'::text) OR (new.state <> 'SENT'::text))) AND ((old.state <> 'SENDING'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'SENDING'::text) OR (new.state <> 'UNDELIVERED'::text))) AND ((old.state <> 'SENDING'::text) OR (new.state <> 'FAILED'::text))) AND ((old.state <> 'SENDING'::text) OR (new.state <> 'UNKNOWN'::text))) AND ((old.state <> 'UNKNOWN'::text) OR (new.state <> 'QUEUED'::text))) AND ((old.state <> 'UNKNOWN'::text) OR (new.state <> 'SENT'::text))) AND ((old.state <> 'UNKNOWN'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'UNKNOWN'::text) OR (new.state <> 'UNDELIVERED'::text))) AND ((old.state <> 'UNKNOWN'::text) OR (new.state <> 'FAILED'::text))) AND ((old.state <> 'REFUSED'::text) OR (new.state <> 'SENT'::text))) AND ((old.state <> 'REFUSED'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'REFUSED'::text) OR (new.state <> 'UNDELIVERED'::text))) AND ((old.state <> 'REFUSED'::text) OR (new.state <> 'FAILED'::text))) AND ((old.state <> 'CANCELLED'::text) OR (new.state <> 'SENT'::text))) AND ((old.state <> 'CANCELLED'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'CANCELLED'::text) OR (new.state <> 'UNDELIVERED'::text))) AND ((old.state <> 'CANCELLED'::text) OR (new.state <> 'FAILED'::text))) AND ((old.state <> 'SENT'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'SENT'::text) OR (new.state <> 'UNDELIVERED'::text))) AND ((old.state <> 'SENT'::text) OR (new.state <> 'FAILED'::text))) AND ((old.state <> 'UNDELIVERED'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'FAILED'::text) OR (new.state <> 'DELIVERED'::text))) AND ((old.state <> 'DONE'::text) OR (new.state <> 'CANCELLED'::text))))) EXECUTE FUNCTION triggers.reject_attempt_transition();

CREATE TRIGGER patients_columns AFTER UPDATE ON public.patients REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION triggers.refresh_of_patients();

CREATE TRIGGER patients_notify AFTER INSERT OR UPDATE ON public.patients FOR EACH STATEMENT EXECUTE FUNCTION triggers.notify_change('RECALLS');

CREATE TRIGGER practices_columns AFTER UPDATE OF pms_product ON public.practices FOR EACH ROW EXECUTE FUNCTION triggers.refresh_of_practice();

CREATE TRIGGER practices_notify AFTER UPDATE ON public.practices FOR EACH STATEMENT EXECUTE FUNCTION triggers.notify_change('SETUP');

CREATE TRIGGER recalls_columns BEFORE INSERT OR UPDATE OF patient_id, reason, urgency ON public.recalls FOR EACH ROW EXECUTE FUNCTION triggers.set_columns();

CREATE TRIGGER recalls_notify AFTER INSERT OR UPDATE ON public.recalls FOR EACH STATEMENT EXECUTE FUNCTION triggers.notify_change('RECALLS');

CREATE TRIGGER recalls_round BEFORE UPDATE OF due_date ON public.recalls FOR EACH ROW WHEN ((new.due_date > old.due_date)) EXECUTE FUNCTION triggers.begin_round();

CREATE TRIGGER runs_notify AFTER INSERT OR DELETE ON public.runs FOR EACH STATEMENT EXECUTE FUNCTION triggers.notify_change('RUNS');

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.attempt_recalls
    ADD CONSTRAINT attempt_recalls_practice_id_attempt_id_fkey FOREIGN KEY (practice_id, attempt_id) REFERENCES public.contact_attempts(practice_id, id);

ALTER TABLE ONLY public.attempt_recalls
    ADD CONSTRAINT attempt_recalls_practice_id_recall_id_fkey FOREIGN KEY (practice_id, recall_id) REFERENCES public.recalls(practice_id, id);

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES public.patients(practice_id, id);

ALTER TABLE ONLY public.block_events
    ADD CONSTRAINT block_events_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.blocked_communications
    ADD CONSTRAINT blocked_communications_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.category_links
    ADD CONSTRAINT category_links_practice_id_category_id_fkey FOREIGN KEY (practice_id, category_id) REFERENCES public.categories(practice_id, id);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_practice_id_run_id_fkey FOREIGN KEY (practice_id, run_id) REFERENCES public.runs(practice_id, id);

ALTER TABLE ONLY public.contact_attempts
    ADD CONSTRAINT contact_attempts_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES public.patients(practice_id, id);

ALTER TABLE ONLY public.contact_attempts
    ADD CONSTRAINT contact_attempts_practice_id_run_id_fkey FOREIGN KEY (practice_id, run_id) REFERENCES public.runs(practice_id, id);

ALTER TABLE ONLY public.contact_attempts
    ADD CONSTRAINT contact_attempts_practice_id_run_id_position_fkey FOREIGN KEY (practice_id, run_id, "position") REFERENCES public.chunks(practice_id, run_id, "position");

ALTER TABLE ONLY public.ended_jwts
    ADD CONSTRAINT ended_jwts_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.patients
    ADD CONSTRAINT patients_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.people_shown
    ADD CONSTRAINT people_shown_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.recalls
    ADD CONSTRAINT recalls_practice_id_category_id_fkey FOREIGN KEY (practice_id, category_id) REFERENCES public.categories(practice_id, id);

ALTER TABLE ONLY public.recalls
    ADD CONSTRAINT recalls_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.recalls
    ADD CONSTRAINT recalls_practice_id_patient_id_fkey FOREIGN KEY (practice_id, patient_id) REFERENCES public.patients(practice_id, id);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_practice_id_fkey FOREIGN KEY (practice_id) REFERENCES public.practices(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_practice_id_token_id_fkey FOREIGN KEY (practice_id, token_id) REFERENCES public.access_tokens(practice_id, id);

ALTER TABLE public.access_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.attempt_recalls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.block_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.blocked_communications ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.categories ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.category_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chunks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contact_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ended_jwts ENABLE ROW LEVEL SECURITY;

CREATE POLICY of_practice ON public.access_tokens TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.attempt_recalls TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.audit_events TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.block_events TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.blocked_communications TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.categories TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.category_links TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.chunks TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.contact_attempts TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.ended_jwts TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.patients TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.people TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.people_shown TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.practices TO recalls_app USING ((id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.recalls TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.runs TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

CREATE POLICY of_practice ON public.sessions TO recalls_app USING ((practice_id = ( SELECT (NULLIF(current_setting('recalls.practice'::text, true), ''::text))::integer AS "nullif")));

ALTER TABLE public.opt_outs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.patients ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_shown ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.practices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.recalls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.stops_heard ENABLE ROW LEVEL SECURITY;
