package io.highwater.replication.control.session;

/**
 * A controller's answer.
 *
 * @param accepted false: not the active controller, or this broker epoch is over
 * @param controllerId the active controller as far as the answering one knows, or -1
 * @param mayStop nobody else can take what the broker still leads
 */
public record HeartbeatReply(boolean accepted, int controllerId, boolean mayStop) {}
