using Im.Infrastructure;

namespace Im.WebApi.Composition;

/// <summary>Settings that come as files; section <c>Secrets</c>.</summary>
internal sealed class SecretsOptions
{
    /// <summary>
    /// A folder whose files are settings: the name is that of a setting with <c>__</c> for <c>:</c>, as in the environment
    /// (<c>Jwt__SigningKey</c>), the content its value, without a line break at the end. Null: none.
    /// </summary>
    public string? Folder { get; set; }
}

/// <summary>
/// Reads secrets from files, as systemd (<c>LoadCredential</c>), Docker and Kubernetes hand them over. Unlike the environment and
/// the command line, they stand in no list of processes and in no description of a container.
/// </summary>
internal static class SecretFiles
{
    /// <summary>Read once, at start. A file wins over the same setting elsewhere.</summary>
    internal static void AddSecretFiles(this ConfigurationManager configuration)
    {
        if (configuration["Secrets:Folder"] is not { Length: > 0 } folder)
        {
            return;
        }

        try
        {
            configuration.AddKeyPerFile(Path.GetFullPath(folder), optional: false, reloadOnChange: false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The setting Secrets:Folder names {folder}, which is no folder that can be read, or holds a file that cannot.", fault);
        }
    }
}
