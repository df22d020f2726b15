// What a page asks by itself: a lost network is an answer that is not ok, not an error; the page asks again when it is back.
// The answer is read before it is handed on: a page that is left meanwhile would break it off where nobody expects that.
// Who signed out elsewhere is sent to the door, and that is no answer either: followed, it would come as a page, and
// bring a cookie that ends the form in which they sign in just then.
export async function asked(address, options) {
  try {
    const answer = await fetch(address, { redirect: "manual", ...options });
    await answer.clone().arrayBuffer();
    return answer;
  } catch {
    return Response.error();
  }
}
