import { useState } from 'preact/hooks';
import { money, type Walk } from '../lib/walks';

/** Works out what a party pays. The fifth place of five is free. */
export default function PartyPlanner({ walks }: { walks: Walk[] }) {
  const [chosen, choose] = useState(0);
  const [places, setPlaces] = useState(2);
  const walk = walks[chosen];
  const free = Math.floor(places / 5);
  return (
    <div class="island" data-testid="planner">
      <label>
        Walk
        <select data-testid="planner-walk" value={chosen} onChange={(event) => choose(Number(event.currentTarget.value))}>
          {walks.map((each, index) => <option value={index}>{each.name}</option>)}
        </select>
      </label>
      <div class="row">
        <button type="button" data-testid="planner-fewer" disabled={places === 1} onClick={() => setPlaces(places - 1)}>One fewer</button>
        <button type="button" data-testid="planner-more" disabled={places === 12} onClick={() => setPlaces(places + 1)}>One more</button>
      </div>
      <output data-testid="planner-output">{`party of ${places}: ${money((places - free) * walk.price)}`}</output>
    </div>
  );
}
