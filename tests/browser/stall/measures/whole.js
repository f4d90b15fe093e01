// How many tickets a lane shows, and how many of them can be read as a whole: nothing cut, nothing covered.
(list) => {
  const inside = (outer, inner) =>
    inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const tickets = Array.from(document.querySelectorAll(`#${list} li.ticket`));
  const isWhole = (ticket) => {
    const place = ticket.getBoundingClientRect();
    const parts = Array.from(ticket.querySelectorAll(".ticket-head, .ticket-line, .ticket-side button"));
    const middle = document.elementFromPoint((place.left + place.right) / 2, (place.top + place.bottom) / 2);
    const isCut = parts.some((part) => part.matches(".ticket-line:not(.muted)") && part.scrollHeight > part.clientHeight + 1);
    return place.width > 0 && inside(screen, place) && parts.every((part) => inside(place, part.getBoundingClientRect())) && ticket.contains(middle) && !isCut;
  };
  return [tickets.length, tickets.filter(isWhole).length];
};
