// Which of some entries are meant by what is typed: each word of it begins a word there, marks on letters aside.
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = (text) => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

// Those whose words begin so come first; else they stay in their order.
export function fitting(entries, typed) {
  const asked = words(typed);
  const fits = entries.filter(({ says }) => {
    const said = words(says);
    return asked.every((one) => said.some((word) => word.startsWith(one)));
  });
  const begins = ({ says }) => fold(says).startsWith(fold(typed.trim()));
  return [...fits.filter(begins), ...fits.filter((one) => !begins(one))];
}
