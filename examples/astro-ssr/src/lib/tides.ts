const HIGH = 410;
const LOW = 30;
const PERIOD = 12.42;

/** The height of the water in centimetres, so many hours after high water. */
export const heightAt = (hour: number) =>
  Math.round((HIGH + LOW) / 2 + ((HIGH - LOW) / 2) * Math.cos((2 * Math.PI * hour) / PERIOD));
