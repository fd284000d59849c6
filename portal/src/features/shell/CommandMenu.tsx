// The command menu: a patient to find in Recalls, or a page to go to, by a few letters.
import { useState } from "react";
import {
  Autocomplete,
  Dialog,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
} from "react-aria-components";
import { useLocation } from "wouter";

import { useViewer } from "../../auth/viewer";
import { remember } from "../../data/use-remembered";
import { SCREENS } from "../settings/screens";
import { useAccount, WORK } from "./Navigation";

interface Command {
  /** The page’s path; FIND to look for what was typed. */
  readonly id: string;
  readonly name: string;
}

const FIND = "find";

/** Shows what fits the letters typed: first the pages that begin so, else a search for a patient. */
export default function CommandMenu({ onClose }: { onClose: () => void }) {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const words = typed.trim();
  const pages = usePages();
  const fit = pages.filter(({ name }) => contains(name, words));
  const begun = fit.filter(({ name }) => begins(name, words));
  const find: Command = { id: FIND, name: `Find “${words}” in Recalls` };
  const commands = words ? [...begun, find, ...fit.filter((each) => !begun.includes(each))] : pages;
  const run = (id: string) => {
    onClose();
    if (id !== FIND) return navigate(id);
    // Not in the address, which must never contain names.
    remember("recalls", words);
    navigate("/recalls/all");
  };
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => open || onClose()}
      className="overlay overlay-commands"
    >
      <Modal className="sheet">
        <Dialog aria-label="Find a patient or a page" className="commands">
          <Autocomplete inputValue={typed} onInputChange={setTyped}>
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- typing is what it was opened for */}
            <SearchField aria-label="Patient, mobile or page" autoFocus>
              <Input placeholder="Patient, mobile or page" autoComplete="off" maxLength={200} />
            </SearchField>
            <Menu
              aria-label="What fits"
              items={commands}
              onAction={(id) => run(String(id))}
              className="command-list"
            >
              {({ id, name }) => (
                <MenuItem id={id} textValue={name} className="command">
                  {name}
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Return the pages that the viewer has. */
function usePages(): readonly Command[] {
  const account = useAccount();
  const { role } = useViewer();
  const settings = role === "ADMIN" ? SCREENS : [];
  return [
    ...[...WORK, ...account].map(({ path, name }) => ({ id: path, name })),
    ...settings.map(([start, name]) => ({ id: `/setup/${start}`, name: `${name} – Settings` })),
    { id: "/sessions", name: "Your sessions" },
  ];
}

const contains = (name: string, words: string) => name.toLowerCase().includes(words.toLowerCase());
const begins = (name: string, words: string) => name.toLowerCase().startsWith(words.toLowerCase());
