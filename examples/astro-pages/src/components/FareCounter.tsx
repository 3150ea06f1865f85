import { useState } from 'preact/hooks';

const FARE = 3;

/** Counts passengers, and buys their tickets through the API. */
export default function FareCounter() {
  const [passengers, setPassengers] = useState(1);
  const [result, setResult] = useState('no ticket yet');
  const buy = async () => {
    const response = await fetch('/api/ticket', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ passengers }),
    });
    const answer = await response.json();
    setResult(response.status === 201 ? `ticket ${answer.ticket}` : `refused: ${answer.error}`);
  };
  return (
    <div class="island" data-testid="fares">
      <output data-testid="fares-output">{`${passengers} aboard: ${passengers * FARE} €`}</output>
      <div class="row">
        <button type="button" data-testid="fares-more" onClick={() => setPassengers(passengers + 1)}>One more</button>
        <button type="button" data-testid="fares-buy" onClick={buy}>Buy</button>
      </div>
      <output data-testid="fares-result">{result}</output>
    </div>
  );
}
