// Evaluated in the pickup board's page. Shows each board for as long as its pages take, and returns what is wrong with
// what is on the screen. `boards`: how many numbers are ready, how many in preparation, and whether one was called just now.
(boards) => {
  const faults = [];
  const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const floor = 0.06 * Math.min(innerWidth, innerHeight);
  const range = document.createRange();
  const sizeOf = (item) => parseFloat(item.style.fontSize);
  const between = (from, to, least, most) => from >= least - 0.5 && to <= most + 0.5;
  const inside = (box, outer) => between(box.left, box.right, outer.left, outer.right) && between(box.top, box.bottom, outer.top, outer.bottom);
  const apart = (a, b) => a.left >= b.right - 0.5 || b.left >= a.right - 0.5 || a.top >= b.bottom - 0.5 || b.top >= a.bottom - 0.5;

  const lookAt = (list, seen, say) => {
    const lane = list.getBoundingClientRect();
    if (!inside(lane, screen)) say("the lane is outside the screen");
    const items = Array.from(list.children);
    const boxes = items.map((item) => item.getBoundingClientRect());
    items.forEach((item, at) => {
      const [number, size, box] = [item.textContent, sizeOf(item), boxes[at]];
      seen.add(Number(number));
      range.selectNodeContents(item);
      const text = range.getBoundingClientRect();
      if (!inside(box, lane)) say(`${number} is outside its lane`);
      if (!between(text.left, text.right, box.left, box.right)) say(`${number} is wider than its box`);
      if (size < floor || box.height < size) say(`${number} has ${size} px`);
      boxes.slice(0, at).forEach((other, before) => {
        if (!apart(box, other)) say(`${number} overlaps ${items[before].textContent}`);
      });
    });
    return items;
  };

  let now = performance.now();
  let round = 0;
  for (const [ready, preparing, hasNewest] of boards) {
    for (const stall of BoardPage.stalls) {
      now += 3_600_000;
      round += 1;
      const say = (what) => faults.push(`${innerWidth}x${innerHeight}, ${ready} ready, ${preparing} preparing: ${what}`);
      const numbers = Array.from({ length: ready }, (_, index) => index + 1 + 299 * (round % 3));
      const calledAt = (index) => new Date(now - (hasNewest && !index ? 0 : 120_000 + index)).toISOString();
      stall.take({
        preparing: Array.from({ length: preparing }, (_, index) => 900 + index),
        ready: numbers,
        called: numbers.map((number, index) => ({ number, calledAt: calledAt(index) })),
        readyMinutes: 0,
        timestamp: new Date(now).toISOString(),
      }, now, true);
      const seen = [new Set(), new Set()];
      let turns = 1;
      for (let turn = 0; turn <= turns; turn += 1) {
        stall.paint(now + turn * 8_000);
        stall.root.querySelectorAll(".lane").forEach((lane, at) => {
          const items = lookAt(lane.querySelector(".numbers"), seen[at], say);
          const pages = lane.querySelector(".turn");
          if (!pages.hidden) turns = Math.max(turns, Number(pages.textContent.split("/")[1]));
          const newest = Array.from(lane.querySelectorAll(".newest"));
          if (newest.length !== Number(at === 1 && hasNewest && turn <= 7)) say(`${newest.length} are the newest on turn ${turn}`);
          for (const first of newest) {
            if (items[0] !== first || Number(first.textContent) !== numbers[0]) say("the newest is not the first");
            if (items.slice(1).some((item) => sizeOf(item) >= sizeOf(first))) say("the newest is not the largest");
          }
        });
      }
      if (seen[0].size !== preparing || seen[1].size !== ready) say(`${seen[0].size} and ${seen[1].size} were shown`);
    }
  }
  return faults;
}
