export function greet(name) {
  return `Hello, ${name}!`;
}

export function sum(xs) {
  return xs.reduce((total, x) => total + x, 0);
}

export function longestTag(user) {
  return user.tags.toSorted((a, b) => b.length - a.length)[0];
}

export function divide(a, b) {
  if (b === 0) throw "division by zero";
  return Math.trunc(a / b);
}

export async function nap(ms) {
  const start = Date.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return Date.now() - start;
}
