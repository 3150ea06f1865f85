import { ActionError, defineAction } from 'astro:actions';
import { z } from 'astro/zod';

export const server = {
  /** Remembers who stands at the desk. */
  signIn: defineAction({
    accept: 'form',
    input: z.object({ visitor: z.string().trim().min(1).max(40) }),
    handler: ({ visitor }, context) => {
      if (visitor.toLowerCase() === 'neptune') {
        throw new ActionError({ code: 'FORBIDDEN', message: 'Not at this desk.' });
      }
      context.cookies.set('visitor', visitor, { path: '/', httpOnly: true, sameSite: 'lax' });
      return { visitor };
    },
  }),
};
