// What a person can do. `app.js` fills in what needs the whole page.
export const actions = {
  set: () => {}, heat: () => {}, hold: () => {}, older: () => {}, code: () => {}, command: () => {}, reason: () => {}, pareto: () => {}, csv: () => {}, picture: () => {}, logOut: () => {}, replay: () => {}, shelve: () => {},
};
