// The practice's access tokens: who holds one, and making and revoking them.
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

/** The screen of the access tokens. */
export function TokensPage() {
  const live = useLiveQuery(AccessTokensDocument, {}, []);
  const now = useNow();
  const [hidden, setHidden] = useState(false);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<TokenPartsFragment>();
  const [said, setSaid] = useState("");
  const tokens = live.data?.accessTokens.toReversed() ?? [];
  const shown = hidden ? tokens.filter((token) => opens(token, now)) : tokens;
  return (
    <>
      <div className="page-head">
        <h1>Access tokens</h1>
        <button
          type="button"
          className="primary"
          onClick={() => {
            setSaid("");
            setMaking(true);
          }}
        >
          New token…
        </button>
      </div>
      <p>
        Whoever holds a token gets in with it, as a person does with a password. Make one for each
        person and for your practice software, and revoke it when they no longer need it.
      </p>
      <Notice kind="good">{said}</Notice>
      {!live.data && <Opening live={live} />}
      {tokens.length > 0 && (
        <Checkbox label="Hide revoked and expired ones" checked={hidden} onChange={setHidden} />
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
            if (name) setSaid(`The token for ${name} is made.`);
          }}
        />
      )}
      {revoking && (
        <RevokeTokenDialog
          token={revoking}
          onClose={() => setRevoking(undefined)}
          onRevoked={() => {
            setRevoking(undefined);
            setSaid(`The token of ${revoking.name} is revoked: it opens nothing from now on.`);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

const expired = ({ expiresAt }: TokenPartsFragment, now: number) =>
  expiresAt !== null && Date.parse(expiresAt) <= now;
const opens = (token: TokenPartsFragment, now: number) => !token.revokedAt && !expired(token, now);

interface Props {
  token: TokenPartsFragment;
  now: number;
  onRevoke: () => void;
}

function TokenCard({ token, now, onRevoke }: Props) {
  const { practice } = useViewer();
  const at = (moment: string) => momentText(moment, practice.timeZone);
  const by = (name: string | null) => (name ? ` by ${name}` : "");
  const good = opens(token, now);
  const heading = useRef<HTMLHeadingElement>(null);
  // Who has just revoked it pressed a button that is gone: they go on from here.
  useEffect(() => {
    if (!good && isFocusAdrift()) heading.current?.focus();
  }, [good]);
  const standing = token.revokedAt ? "Revoked" : expired(token, now) ? "Expired" : "Active";
  return (
    <li className={good ? "card token" : "card token token-over"}>
      <div className="row token-head">
        <h2 ref={heading} tabIndex={-1}>
          {token.name}
        </h2>
        <span className="tag">{ROLE[token.role]}</span>
        <span className={good ? "tag tag-good" : "tag tag-over"}>{standing}</span>
        {good && (
          <button
            type="button"
            className="danger"
            aria-label={`Revoke the token of ${token.name}…`}
            onClick={onRevoke}
          >
            Revoke…
          </button>
        )}
      </div>
      <dl className="setup-facts">
        <Fact name="Made">{`${at(token.createdAt)}${by(token.createdBy)}`}</Fact>
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
