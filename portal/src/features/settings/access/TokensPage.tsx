// The practice's access tokens: listing, making and revoking them.
import { useEffect, useRef, useState } from "react";

import { useViewer } from "../../../auth/viewer";
import { useLiveQuery } from "../../../data/use-live-query";
import { useNow } from "../../../data/use-now";
import { AccessTokensDocument, type TokenPartsFragment } from "../../../gql/graphql";
import { momentText } from "../../../text/format";
import { ROLE } from "../../../text/words";
import { Checkbox } from "../../../ui/Field";
import { Notice } from "../../../ui/Notice";
import { Opening } from "../../../ui/Opening";
import { isFocusAdrift } from "../../../ui/focus";
import { NewTokenDialog } from "./NewTokenDialog";
import { RevokeTokenDialog } from "./RevokeTokenDialog";

/** The access tokens screen. */
export function TokensPage() {
  const live = useLiveQuery(AccessTokensDocument, {}, []);
  const now = useNow();
  const [hidden, setHidden] = useState(false);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<TokenPartsFragment>();
  const [notice, setNotice] = useState("");
  const tokens = live.data?.accessTokens.toReversed() ?? [];
  const shown = hidden ? tokens.filter((token) => isActive(token, now)) : tokens;
  return (
    <>
      <div className="page-head">
        <h1>Access tokens</h1>
        <button
          type="button"
          className="primary"
          onClick={() => {
            setNotice("");
            setMaking(true);
          }}
        >
          New token…
        </button>
      </div>
      <p>
        Treat a token like a password. Create one per person, and one for your practice software.
        Revoke it when it’s no longer needed.
      </p>
      <Notice kind="good">{notice}</Notice>
      {!live.data && <Opening live={live} />}
      {tokens.length > 0 && (
        <Checkbox label="Hide revoked and expired tokens" checked={hidden} onChange={setHidden} />
      )}
      <ul className="setup-cards" aria-label="Access tokens">
        {shown.map((token) => (
          <TokenCard key={token.id} {...{ token, now }} onRevoke={() => setRevoking(token)} />
        ))}
      </ul>
      {making && (
        <NewTokenDialog
          onMade={live.refresh}
          onClose={(name) => {
            setMaking(false);
            if (name) setNotice(`Created a token for ${name}.`);
          }}
        />
      )}
      {revoking && (
        <RevokeTokenDialog
          token={revoking}
          onClose={() => setRevoking(undefined)}
          onRevoked={() => {
            setRevoking(undefined);
            setNotice(`Revoked the token for ${revoking.name}.`);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

const expired = ({ expiresAt }: TokenPartsFragment, now: number) =>
  expiresAt !== null && Date.parse(expiresAt) <= now;
const isActive = (token: TokenPartsFragment, now: number) =>
  !token.revokedAt && !expired(token, now);

interface Props {
  token: TokenPartsFragment;
  now: number;
  onRevoke: () => void;
}

function TokenCard({ token, now, onRevoke }: Props) {
  const { practice } = useViewer();
  const at = (moment: string) => momentText(moment, practice.timeZone);
  const by = (name: string | null) => (name ? ` by ${name === "Host" ? "the server" : name}` : "");
  const active = isActive(token, now);
  const heading = useRef<HTMLHeadingElement>(null);
  // After a revocation the pressed button is gone: the focus moves to the heading.
  useEffect(() => {
    if (!active && isFocusAdrift()) heading.current?.focus();
  }, [active]);
  const state = token.revokedAt ? "Revoked" : expired(token, now) ? "Expired" : "Active";
  return (
    <li className={active ? "card token" : "card token token-over"}>
      <div className="row token-head">
        <h2 ref={heading} tabIndex={-1}>
          {token.name}
        </h2>
        <span className="tag">{ROLE[token.role]}</span>
        <span className={active ? "tag tag-good" : "tag tag-over"}>{state}</span>
        {active && (
          <button
            type="button"
            className="danger"
            aria-label={`Revoke the token for ${token.name}…`}
            onClick={onRevoke}
          >
            Revoke…
          </button>
        )}
      </div>
      <dl className="setup-facts">
        <Fact name="Created">{`${at(token.createdAt)}${by(token.createdBy)}`}</Fact>
        {token.revokedAt && (
          <Fact name="Revoked">{`${at(token.revokedAt)}${by(token.revokedBy)}`}</Fact>
        )}
        <Fact name={expired(token, now) ? "Expired" : "Expires"}>
          {token.expiresAt ? at(token.expiresAt) : "never"}
        </Fact>
        <Fact name="Last used">
          {token.lastUsedAt ? at(token.lastUsedAt) : "never"}
          {token.lastUsedFrom && ` from ${token.lastUsedFrom}`}
        </Fact>
      </dl>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
