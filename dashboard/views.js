// The views by their names in the address: functions from the state to nodes.
export { alerts } from './view-alerts.js';
export { board } from './view-board.js';
export { bridge, quarantine } from './view-bridge.js';
export { events } from './view-events.js';
export { models } from './view-models.js';
export { plant } from './view-plant.js';
export { reports } from './view-reports.js';
export { sites } from './view-sites.js';
export { stations } from './view-stations.js';
export { stops } from './view-stops.js';
export { timeline } from './view-timeline.js';
export { trends } from './view-trends.js';
export { workers } from './view-workers.js';
