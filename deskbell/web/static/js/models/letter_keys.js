// Whether keys of one letter press anything: an agent who dictates switches them off in the profile, and then a word is
// only a word.  Combinations, arrows, Enter and Escape do not ask.
export const lettersRest = () => document.documentElement.dataset.letterKeys === "off";
