// All that is outside of the Worker: it does not answer, so that checking a site changes nothing elsewhere.

export default {
  fetch() {
    return new Response('worker-pack check reaches nothing outside of the Worker', { status: 503 });
  },
};
