namespace Im.Load.Servers;

/// <summary>The folders that the load makes, so that none outlives it.</summary>
internal static class TemporaryFolders
{
    private static readonly Lock s_lock = new();
    private static readonly List<string> s_folders = [];

    internal static string Create(string prefix)
    {
        lock (s_lock)
        {
            s_folders.Add(Directory.CreateTempSubdirectory(prefix).FullName);
            return s_folders[^1];
        }
    }

    internal static void Delete(string folder)
    {
        lock (s_lock)
        {
            if (s_folders.Remove(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Deletes all that are left.</summary>
    internal static void DeleteAll()
    {
        lock (s_lock)
        {
            foreach (var folder in s_folders.ToArray())
            {
                Delete(folder);
            }
        }
    }
}
