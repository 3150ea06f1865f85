/** A guided walk that the desk takes bookings for. */
export interface Walk {
  slug: string;
  code: string;
  name: string;
  hours: number;
  kilometres: number;
  price: number;
  summary: string;
  bring: string[];
}

export const walks: Walk[] = [
  {
    slug: 'night-crossing',
    code: 'NC',
    name: 'Night crossing to Hallow Sand',
    hours: 4,
    kilometres: 9,
    price: 38,
    summary: 'Out after the last light, over to the island before the water is back, and breakfast at the lamp house.',
    bring: ['a head lamp with a red light', 'dry socks for the far side', 'no music'],
  },
  {
    slug: 'seal-bank',
    code: 'SB',
    name: 'The seal bank at noon',
    hours: 3,
    kilometres: 6,
    price: 24,
    summary: 'As near to the seals as they put up with, which they decide anew each day.',
    bring: ['binoculars', 'something against the wind', 'patience'],
  },
  {
    slug: 'causeway',
    code: 'CW',
    name: 'The old causeway, slowly',
    hours: 2,
    kilometres: 3,
    price: 16,
    summary: 'Four hundred oak posts, most of them still upright, and the story of the carter who trusted his watch.',
    bring: ['boots that may get wet', 'children from six years on'],
  },
];

export const findWalk = (slug: unknown) => walks.find((walk) => walk.slug === slug);

/** Writes a sum as the desk does. */
export const money = (amount: number) => `${amount} €`;
