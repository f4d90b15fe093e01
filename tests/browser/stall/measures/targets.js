// How many targets are seen below some elements, and which are smaller than 44 px or closer than 8 px to another one.
(root) => {
  const WAYS = "button, a[href], input, select, textarea, summary, [role=checkbox], [role=switch]";
  const clipped = (element) => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (let outer = element.parentElement; outer; outer = outer.parentElement) {
      if (getComputedStyle(outer).overflow === "visible") continue;
      const box = outer.getBoundingClientRect();
      [left, top, right, bottom] = [Math.max(left, box.left), Math.max(top, box.top), Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { width: Math.min(right, innerWidth) - left, height: Math.min(bottom, innerHeight) - top };
  };
  const isWhollySeen = (element) => {
    const [own, seen] = [element.getBoundingClientRect(), clipped(element)];
    return element.checkVisibility() && own.width > 0 && seen.width > own.width - 1 && seen.height > own.height - 1;
  };
  const nameOf = (element) => `${element.tagName} #${element.id} ${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 40)}`;
  const targets = Array.from(document.querySelectorAll(root))
    .flatMap((part) => Array.from(part.querySelectorAll(WAYS)))
    .filter(isWhollySeen)
    .map((element) => ({ name: nameOf(element), place: element.getBoundingClientRect() }));
  const wrong = targets.filter(({ place }) => place.width < 43.9 || place.height < 43.9).map(({ name, place }) => `${name} is ${place.width} x ${place.height}`);
  targets.forEach((one, index) => targets.slice(index + 1).forEach((other) => {
    const dx = Math.max(one.place.left - other.place.right, other.place.left - one.place.right);
    const dy = Math.max(one.place.top - other.place.bottom, other.place.top - one.place.bottom);
    if (Math.max(dx, dy) < 7.9) wrong.push(`${one.name} and ${other.name} are ${Math.max(dx, dy)} apart`);
  }));
  return [targets.length, wrong];
};
