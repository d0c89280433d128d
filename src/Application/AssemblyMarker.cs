namespace Im.Application;

/// <summary>Names this assembly, for the scan that finds handlers, validators, behaviours and policies.</summary>
public static class AssemblyMarker;
