-- What a backup set leaves out because it was told to: names separated by commas, null for a set that holds everything.

alter table backup_set add omissions varchar(200);
