namespace Im.Client;

/// <summary>A message that the relay has stored for the peer.</summary>
/// <param name="Id">This side's count in this session: 1, 2, 3 ….</param>
/// <param name="Delivered">
/// Completes when the peer has acknowledged it (the relay's word alone). Fails with <see cref="ImException"/> if the conversation
/// ends first, and is cancelled if this side ends it; it may be left unobserved.
/// </param>
public sealed record SentMessage(long Id, Task Delivered);
