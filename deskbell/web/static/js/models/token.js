// The token that the forms of this page carry. Signing in makes a new one: whoever does so in another window goes on here
// with that. Nobody signed in, or somebody else did: nothing is renewed, and false is the answer.
import { asked } from "./asked.js";

export async function renewToken() {
  const answer = await asked("/me/token");
  if (!answer.ok) return false;
  const { token, agent } = await answer.json();
  if (String(agent) !== document.documentElement.dataset.agent) return false;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  return true;
}
