// What a page asks by itself: a lost network is an answer that is not ok, not an error; the page asks again when it is back.
export const asked = (address, options) => fetch(address, options).catch(() => Response.error());
