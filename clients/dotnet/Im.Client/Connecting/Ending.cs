namespace Im.Client.Connecting;

/// <summary>How a connection ended.</summary>
/// <param name="CloseCode">What the server closed with; null: it did not, or the connection was lost.</param>
/// <param name="Error">Why it was refused, or what was wrong with what came; null where the close code says it.</param>
/// <param name="IsRefusal">It was refused before it began.</param>
internal sealed record Ending(int? CloseCode = null, ImException? Error = null, bool IsRefusal = false);
