import { useState } from 'preact/hooks';

interface Props {
  slug: string;
  name: string;
}

/** Books places on a walk through the API, and shows what it said. */
export default function BookingForm({ slug, name }: Props) {
  const [places, setPlaces] = useState(1);
  const [result, setResult] = useState('nothing booked yet');
  const book = async () => {
    setResult('asking …');
    const response = await fetch('/api/book', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ walk: slug, places }),
    });
    const answer = await response.json();
    setResult(response.status === 201 ? `booked: ${answer.reference}` : `refused: ${answer.error}`);
  };
  return (
    <div class="island" data-testid="booking">
      <p>{name}</p>
      <div class="row">
        <button type="button" data-testid="booking-more" onClick={() => setPlaces(places + 1)}>One more place</button>
        <output data-testid="booking-places">{`places: ${places}`}</output>
      </div>
      <div class="row">
        <button type="button" class="strong" data-testid="booking-send" onClick={book}>Book</button>
        <output data-testid="booking-result">{result}</output>
      </div>
    </div>
  );
}
