/** What clients did and were told, and the judge of it. Pure: it knows no cluster. */
package io.highwater.replication.sim.history;
