using System.Text.Json;
using Im.Cli.Output;

namespace Im.Cli.Tokens;

/// <summary>The tokens of earlier logins: one file per server, 0600, in a folder of 0700.</summary>
/// <param name="folder">Where the files lie; made when the first one is written.</param>
internal sealed class TokenStore(string folder)
{
    /// <summary>Bytes of the longest file that is read: a token has a few hundred.</summary>
    private const int MaxFile = 64 * 1024;

    /// <summary>
    /// The folder for these environment variables: <c>$XDG_CONFIG_HOME/im</c>, or <c>~/.config/im</c> where it is unset or
    /// relative, which its specification says to ignore.
    /// </summary>
    public static string FolderFor(string? configHome, string home) =>
        Path.Combine(Path.IsPathFullyQualified(configHome ?? "") ? configHome! : Path.Combine(home, ".config"), "im");

    /// <summary>The token for this server, or null if there is none.</summary>
    /// <exception cref="ToolException">The file can be read by others, or is damaged.</exception>
    public async Task<StoredToken?> FindAsync(Uri server, CancellationToken cancellationToken)
    {
        var path = PathFor(server);
        if (!File.Exists(path))
        {
            return null;
        }

        if (PrivateFiles.IsOpenToOthers(path))
        {
            throw new ToolException("insecure_token_file", ExitCode.Failure,
                $"Others can read {path}: run `chmod 600` on it if you trust it, or `im logout` and `im login`.");
        }

        StoredToken? stored = null;
        try
        {
            if (new FileInfo(path).Length <= MaxFile)
            {
                stored = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, cancellationToken), StoredTokenJson.Default.StoredToken);
            }
        }
        catch (JsonException)
        {
            // Said below, without the content, which holds the token.
        }

        return stored is { Token.Length: > 0 } && stored.Server == Name(server)
            ? stored
            : throw new ToolException("damaged_token_file", ExitCode.Failure, $"{path} is damaged: run `im login` again.");
    }

    /// <summary>Keeps this token for the server, in place of an older one.</summary>
    public async Task SaveAsync(Uri server, long id, string token, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(folder);
        var stored = new StoredToken(Name(server), id, token, expiresAt.ToUnixTimeMilliseconds());
        var content = JsonSerializer.SerializeToUtf8Bytes(stored, StoredTokenJson.Default.StoredToken);
        await PrivateFiles.WriteAsync(PathFor(server), content, cancellationToken);
    }

    /// <summary>Deletes the server's token; whether there was one.</summary>
    public bool Delete(Uri server)
    {
        var path = PathFor(server);
        var existed = File.Exists(path);
        if (existed)
        {
            File.Delete(path);
        }

        return existed;
    }

    /// <summary>Escaped, so that two servers never share a file and no address leaves the folder.</summary>
    private string PathFor(Uri server) => Path.Combine(folder, Uri.EscapeDataString(Name(server)) + ".json");

    private static string Name(Uri server) => server.AbsoluteUri;
}
