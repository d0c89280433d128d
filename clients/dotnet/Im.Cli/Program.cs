using Im.Cli.CommandLine;
using Im.Cli.Output;

using var signals = new Signals();
var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
return (int)await new Tool(Environment.GetEnvironmentVariable, home, signals).RunAsync(args);
