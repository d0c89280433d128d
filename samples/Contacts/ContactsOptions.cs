using System.ComponentModel.DataAnnotations;

namespace Contacts;

/// <summary>Settings <c>Contacts:…</c>.</summary>
internal sealed class ContactsOptions
{
    /// <summary>The SQLite file of the contacts; its folder is there. All nodes must share it. None: the node does not start.</summary>
    [Required(ErrorMessage = "The setting Contacts:Database is required: the file that the contacts are kept in.")]
    public string Database { get; init; } = "";
}
