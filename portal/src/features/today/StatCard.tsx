// One kind of work on the Today page: how much there is of it, and the way there.
import { Link } from "wouter";

interface Props {
  label: string;
  number: number;
  /** What the number is made up of, in a line. */
  children?: React.ReactNode;
  href: string;
  /** The button’s words: what opens. */
  action: string;
  /** Whether it can’t wait: if there is any, the card stands out. */
  urgent?: boolean;
}

/** The number, what it is, and a button if there is anything to do. */
export function StatCard({ label, number, children, href, action, urgent = false }: Props) {
  const hot = urgent && number > 0;
  return (
    <section className={hot ? "card stat stat-urgent" : "card stat"} aria-label={label}>
      <p className="stat-number">{number.toLocaleString("en-AU")}</p>
      <h2>{label}</h2>
      <p className="stat-line">{children}</p>
      {number > 0 && (
        <Link href={href} className={hot ? "button primary" : "button"}>
          {action}
        </Link>
      )}
    </section>
  );
}
