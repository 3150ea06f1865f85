/** What Astro.session contains. */
declare namespace App {
  interface SessionData {
    name: string;
    visits: number;
    /** The outcome of a form, shown once after the redirect. */
    outcome: 'saved' | 'refused';
  }
}
