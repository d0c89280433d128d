namespace Im.Infrastructure;

/// <summary>Why the node cannot start, in one sentence for the operator. Thrown only while starting.</summary>
public sealed class StartupException(string sentence, Exception? cause = null) : Exception(sentence, cause);
