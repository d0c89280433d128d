namespace Im.Load;

/// <summary>Why a run is worth nothing, in one sentence: messages were lost, a server refused what it should not, or something is missing on this machine.</summary>
internal sealed class LoadException(string sentence) : Exception(sentence);
